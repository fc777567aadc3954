#pragma once

#include <optional>
#include <string>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"

namespace mox::led_decoder {

/// The program that drives the LED.
enum class Stage {
    boot_loader,       ///< from power-on with the button held
    rescue,            ///< the rescue session
    installed_system,  ///< a normal boot, and the system that is on the card
};

/// The button's state during a reading of the LED.
enum class ButtonUse { released, pressed, held };

/// One row of the user manual's table: "MOX LED | Button | Meaning".
struct Row {
    std::string led;
    std::string button;
    std::string meaning;
};

/// The last announcement of the LED.
struct Announced {
    int mode = 0;
    int repetition = 0;  ///< 1 or 2
};

/// Turns readings of the LED into rows of the manual's table. Pure.
class RescueStateTracker {
public:
    [[nodiscard]] Row row_for(const Reading& reading, ButtonUse button, Stage stage);

    /// The newest announcement; the same number of blinks again is the second one of that mode.
    [[nodiscard]] const Announced& announced() const { return announced_; }

private:
    [[nodiscard]] std::string meaning(const Reading& reading, ButtonUse button, Stage stage);
    [[nodiscard]] std::string meaning_in_boot_loader(const Reading& reading) const;
    [[nodiscard]] std::string meaning_in_rescue(const Reading& reading, ButtonUse button);

    [[nodiscard]] std::string meaning_of_light(ButtonUse button);

    Announced announced_;
    bool objected_ = false;
    /// The newest pattern that is neither steady light nor darkness.
    std::optional<Sign> pattern_;
};

/// "Blink blink blink", "On (3.0 s)", "Slow blinking".
[[nodiscard]] std::string led_text(const Reading& reading);

/// The table's head and one row of it, in columns. `since_power_on` is when the row began.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(Clock::duration since_power_on, const Row& row);

}  // namespace mox::led_decoder
