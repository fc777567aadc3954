#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::board {

/// The hardware watchdog (Documentation/watchdog/watchdog-api.rst): it resets the board unless it is fed.
///
/// It runs from `open` on (the boot loader may have started it before), and goes on when this value or the
/// whole program is gone: nothing here stops it, which would need the driver's "magic close".
class Watchdog {
public:
    /// `node`: "/dev/watchdog0". `timeout` is asked for; a driver may know others only, and `timeout()` tells
    /// what it took. Errors (`internal`): there is none, or somebody else has it open.
    [[nodiscard]] static Expected<Watchdog> open(const std::filesystem::path& node,
                                                 std::chrono::seconds timeout);

    /// Errors (`internal`): the driver does not take it.
    [[nodiscard]] Expected<void> feed();

    /// How long it waits before it resets the board. Nothing when the driver does not tell.
    [[nodiscard]] std::optional<std::chrono::seconds> timeout() const { return timeout_; }

private:
    Watchdog(UniqueFd device, std::filesystem::path node, std::optional<std::chrono::seconds> timeout)
        : device_(std::move(device)), node_(std::move(node)), timeout_(timeout) {}

    UniqueFd device_;
    std::filesystem::path node_;
    std::optional<std::chrono::seconds> timeout_;
};

}  // namespace mox::board
