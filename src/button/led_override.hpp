#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "board/description.hpp"
#include "board/sysfs_led.hpp"

namespace mox::button {

/// The router's LED belongs to the system (Turris OS lets it show the heartbeat); we borrow it for a moment.
/// It is looked for each time: its driver may come and go. Errors (`internal`): there is none, or sysfs.
class LedOverride {
public:
    /// `sysfs`: "/sys".
    LedOverride(board::Description board, std::filesystem::path sysfs)
        : board_(std::move(board)), sysfs_(std::move(sysfs)) {}

    /// Dark: "release the button now for the reset".
    [[nodiscard]] Expected<void> darken();
    /// Slow blinking: "I am working, do not unplug me".
    [[nodiscard]] Expected<void> show_work();
    /// As it was before; nothing to do when it is not borrowed.
    [[nodiscard]] Expected<void> give_back();

private:
    struct Loan {
        board::SysfsLed led;
        board::LedState before;
    };

    /// The LED, borrowed if it was not before.
    [[nodiscard]] Expected<board::SysfsLed*> borrow();

    board::Description board_;
    std::filesystem::path sysfs_;
    std::optional<Loan> loan_;
};

}  // namespace mox::button
