#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "board/description.hpp"
#include "board/led.hpp"

namespace mox::board {

/// What a LED shows by itself.
struct LedState {
    std::string trigger;     ///< "heartbeat"; "none": it is as bright as it was set
    std::string brightness;  ///< of that moment: only means something without a trigger

    bool operator==(const LedState&) const = default;
};

/// A LED of the kernel's LED class (Documentation/leds/leds-class.rst).
class SysfsLed final : public Led {
public:
    /// `folder` is the LED's own, such as /sys/class/leds/mox:red:activity.
    explicit SysfsLed(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// A LED that the kernel has lit (trigger `default-on`) is left to it as long as it is to be lit.
    [[nodiscard]] Expected<void> set(bool lit) override;

    /// By the `timer` trigger: needs CONFIG_LEDS_TRIGGER_TIMER.
    [[nodiscard]] Expected<void> blink(std::chrono::milliseconds on, std::chrono::milliseconds off) override;

    /// To put it back later. Errors (`internal`): sysfs cannot be read.
    [[nodiscard]] Expected<LedState> state() const;
    [[nodiscard]] Expected<void> restore(const LedState& state);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    bool trigger_is_ours_ = false;  ///< no trigger is active and nobody but us sets the brightness
};

/// Finds the board's LED below `sysfs` ("/sys"): the first of the board's names that exists, else the only
/// LED of colour red (names are "devicename:color:function" or "color:function").
/// Errors (`internal`): there is none; says which LEDs there are instead. Take `NoLed` then.
[[nodiscard]] Expected<SysfsLed> find_led(const Description& board, const std::filesystem::path& sysfs);

/// The LED of a board that has none, or none that was found: the rescue goes on in the dark.
class NoLed final : public Led {
public:
    [[nodiscard]] Expected<void> set(bool /*lit*/) override { return {}; }
    [[nodiscard]] Expected<void> blink(std::chrono::milliseconds /*on*/,
                                       std::chrono::milliseconds /*off*/) override {
        return {};
    }
};

}  // namespace mox::board
