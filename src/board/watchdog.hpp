#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::board {

/// The hardware watchdog (Documentation/watchdog/watchdog-api.rst): it resets the board when it is not fed.
///
/// It runs from `open` on (the boot loader may have started it before). It keeps running when this object is
/// destroyed or the program ends: only the driver's "magic close" would stop it, and this class does not use
/// that.
class Watchdog {
public:
    /// `node`: "/dev/watchdog0". `timeout` is a request; timeout() returns what the driver uses. Errors
    /// (`internal`): there is no watchdog, or another process has it open.
    [[nodiscard]] static Expected<Watchdog> open(const std::filesystem::path& node,
                                                 std::chrono::seconds timeout);

    /// Errors (`internal`): the write fails.
    [[nodiscard]] Expected<void> feed();

    /// How long it waits before it resets the board. nullopt: the driver does not report it.
    [[nodiscard]] std::optional<std::chrono::seconds> timeout() const { return timeout_; }

private:
    Watchdog(UniqueFd device, std::filesystem::path node, std::optional<std::chrono::seconds> timeout)
        : device_(std::move(device)), node_(std::move(node)), timeout_(timeout) {}

    UniqueFd device_;
    std::filesystem::path node_;
    std::optional<std::chrono::seconds> timeout_;
};

}  // namespace mox::board
