#pragma once

#include <chrono>

#include "base/error.hpp"

namespace mox::board {

/// The LED of the board. Implementations: sysfs (sysfs_led.hpp) and the simulated board's terminal.
class Led {
public:
    virtual ~Led() = default;

    /// Steady on or off. Errors (`internal`), with the name of the sysfs file.
    [[nodiscard]] virtual Expected<void> set(bool lit) = 0;

    /// Blinks until the next call, also while the program is busy or has ended (the kernel's `timer` trigger;
    /// Documentation/leds/leds-class.rst).
    [[nodiscard]] virtual Expected<void> blink(std::chrono::milliseconds on,
                                               std::chrono::milliseconds off) = 0;
};

}  // namespace mox::board
