#pragma once

#include <chrono>
#include <optional>

#include "base/error.hpp"

namespace mox::board {

/// The LED of the board. Implementations: sysfs (sysfs_led.hpp) and the simulated board's terminal.
class Led {
public:
    virtual ~Led() = default;

    /// Steady on or off. Errors (`internal`), with the name of the sysfs file.
    [[nodiscard]] virtual Expected<void> set(bool lit) = 0;

    /// Blinks until the next call, also while the program is busy or has ended (the kernel's `timer` trigger;
    /// Documentation/leds/leds-class.rst). Begins with a change: a LED that is off goes on first.
    [[nodiscard]] virtual Expected<void> blink(std::chrono::milliseconds on,
                                               std::chrono::milliseconds off) = 0;

    /// Whether it is lit at this moment, also while it blinks; nullopt: unknown, or there is no LED.
    [[nodiscard]] virtual std::optional<bool> is_lit() const { return std::nullopt; }
};

}  // namespace mox::board
