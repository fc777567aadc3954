#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace mox::virtual_mox::panel {

struct PanelOptions {
    std::filesystem::path built;   ///< what `make board` has built
    std::filesystem::path folder;  ///< for images, uploads and QEMU's log; made if missing
    std::filesystem::path page;    ///< the bundled page
    std::uint16_t port = 0;        ///< 0: any that is free
    std::string token{};           ///< empty: a new one
};

/// Serves a board to browsers on this computer until SIGINT, SIGTERM or SIGHUP comes; nothing is left running
/// or mounted then. Prints the page's address, alone on its line. Errors (`internal`): something was not
/// built, or the port is taken.
[[nodiscard]] Expected<void> serve_panel(const PanelOptions& options);

}  // namespace mox::virtual_mox::panel
