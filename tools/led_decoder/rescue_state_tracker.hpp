#pragma once

#include <string>

#include "base/units.hpp"
#include "led_decoder/led_reader.hpp"

namespace mox::led_decoder {

/// Who drives the LED.
enum class Stage {
    boot_loader,       ///< from power-on with the button held
    rescue,            ///< the rescue session
    installed_system,  ///< a normal boot, and the system that is on the card
};

/// What the button did while the LED showed something.
enum class ButtonUse { released, pressed, held };

/// One row of the user manual's table: "MOX LED | Button | Meaning".
struct Row {
    std::string led;
    std::string button;
    std::string meaning;
};

/// Which announcement of which mode the LED has just shown.
struct Announced {
    int mode = 0;
    int repetition = 0;  ///< 1 or 2
};

/// Tells the manual's table from what the LED is seen to do. Pure.
class RescueStateTracker {
public:
    [[nodiscard]] Row row_for(const Reading& reading, ButtonUse button, Stage stage);

    /// The newest announcement, as a person counts them: the same number of blinks again is a second one.
    [[nodiscard]] const Announced& announced() const { return announced_; }

private:
    [[nodiscard]] std::string meaning(const Reading& reading, ButtonUse button, Stage stage);
    [[nodiscard]] std::string meaning_in_boot_loader(const Reading& reading) const;
    [[nodiscard]] std::string meaning_in_rescue(const Reading& reading, ButtonUse button);

    Announced announced_;
    bool objected_ = false;
};

/// "Blink blink blink", "On (3.0 s)", "Slow blinking".
[[nodiscard]] std::string led_text(const Reading& reading);

/// The table's head and one row of it, in columns. `since_power_on` is when the row began.
[[nodiscard]] std::string table_head();
[[nodiscard]] std::string table_line(Clock::duration since_power_on, const Row& row);

}  // namespace mox::led_decoder
