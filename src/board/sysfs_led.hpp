#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "board/description.hpp"
#include "board/led.hpp"

namespace mox::board {

/// Trigger and brightness of a LED.
struct LedState {
    std::string trigger;     ///< "heartbeat"; "none": it has the brightness that was set
    std::string brightness;  ///< valid only without a trigger

    bool operator==(const LedState&) const = default;
};

/// A LED of the kernel's LED class (Documentation/leds/leds-class.rst).
class SysfsLed final : public Led {
public:
    /// `directory` is that of the LED, such as /sys/class/leds/mox:red:activity.
    explicit SysfsLed(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// A LED that the kernel has lit (trigger `default-on`) keeps its trigger while it stays lit.
    [[nodiscard]] Expected<void> set(bool lit) override;

    /// By the `timer` trigger: needs CONFIG_LEDS_TRIGGER_TIMER.
    [[nodiscard]] Expected<void> blink(std::chrono::milliseconds on, std::chrono::milliseconds off) override;

    [[nodiscard]] std::optional<bool> is_lit() const override;

    /// The state, for a later restore(). Errors (`internal`): sysfs cannot be read.
    [[nodiscard]] Expected<LedState> state() const;
    [[nodiscard]] Expected<void> restore(const LedState& state);

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    std::filesystem::path directory_;
    bool is_untriggered_ = false;  ///< this object has set the trigger `none`
};

/// Finds the board's LED below `sysfs` ("/sys"): the first of the board's names that exists, else the only
/// LED of colour red (names are "devicename:color:function" or "color:function"). Errors (`internal`): there
/// is none; the message lists the LEDs that exist. Use `NoLed` then.
[[nodiscard]] Expected<SysfsLed> find_led(const Description& board, const std::filesystem::path& sysfs);

/// For a board without a LED, or without one that was found: the rescue goes on without it.
class NoLed final : public Led {
public:
    [[nodiscard]] Expected<void> set(bool /*lit*/) override { return {}; }
    [[nodiscard]] Expected<void> blink(std::chrono::milliseconds /*on*/,
                                       std::chrono::milliseconds /*off*/) override {
        return {};
    }
};

}  // namespace mox::board
