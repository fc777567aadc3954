#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace mox::virtual_mox::panel {

struct PanelOptions {
    std::filesystem::path built;   ///< directory with the output of `make board`
    std::filesystem::path folder;  ///< directory for images, uploads and QEMU's log; created if missing
    std::filesystem::path page;    ///< directory of the bundled page
    std::uint16_t port = 0;        ///< 0: any free port
    std::string token{};           ///< empty: a new one
};

/// Serves a board to browsers on this computer until SIGINT, SIGTERM or SIGHUP; then it stops all processes
/// and unmounts all file systems. Prints the page's address on its own line. Errors (`internal`): a file was
/// not built, or the port is in use.
[[nodiscard]] Expected<void> serve_panel(const PanelOptions& options);

}  // namespace mox::virtual_mox::panel
