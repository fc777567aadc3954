#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "board/description.hpp"
#include "board/sysfs_led.hpp"

namespace mox::button {

/// Uses the router's LED for a moment; before and after that the system controls it (in Turris OS it shows
/// the heartbeat). The LED is searched each time, because its driver may be loaded and removed. Errors
/// (`internal`): there is no LED, or sysfs cannot be read or written.
class LedOverride {
public:
    /// `sysfs`: "/sys".
    LedOverride(board::Description board, std::filesystem::path sysfs)
        : board_(std::move(board)), sysfs_(std::move(sysfs)) {}

    /// Dark: "release the button now for the reset".
    [[nodiscard]] Expected<void> darken();
    /// Slow blinking: "I am working, do not unplug me".
    [[nodiscard]] Expected<void> show_work();
    /// Restores the state from before; does nothing when the LED is not in use.
    [[nodiscard]] Expected<void> restore();

private:
    struct InUse {
        board::SysfsLed led;
        board::LedState before;
    };

    /// Returns the LED. The first call saves its state.
    [[nodiscard]] Expected<board::SysfsLed*> take_over();

    board::Description board_;
    std::filesystem::path sysfs_;
    std::optional<InUse> in_use_;
};

}  // namespace mox::button
