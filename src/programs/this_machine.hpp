#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/log.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"

namespace mox::programs {

/// The board this program runs on, by the device tree. Nothing on a PC.
[[nodiscard]] std::optional<board::Description> this_board();

/// The boot environment that `configuration` describes; without one /etc/fw_env.config if it is there. One
/// that cannot be read is logged, and the same as none.
[[nodiscard]] std::unique_ptr<boot::Environment> open_environment(
    const std::optional<std::filesystem::path>& configuration, Log& log);

}  // namespace mox::programs
