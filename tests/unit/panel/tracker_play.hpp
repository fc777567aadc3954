#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "led_decoder/led_reader.hpp"
#include "panel/server/board_tracker.hpp"

namespace mox::virtual_mox::panel {

using namespace std::chrono_literals;

/// A board that is played to a story: LED and button by hand, time passes in between.
class Play {
public:
    BoardTracker story;

    Phase phase() const { return story.now().phase; }

    void power(bool button_down) {
        restart();
        story.power_came(button_down);
    }
    void reset(bool button_down) {
        restart();
        story.was_reset(button_down);
    }
    void led(bool lit, Clock::duration length) {
        read(reader_.changed(lit, now_));
        story.led_changed(lit, now_);
        now_ += length;
        read(reader_.waited(now_));
    }
    void button(bool down) { story.button_changed(down, now_); }
    /// A press in the selection: the console tells what it does.
    void press(int next) {
        button(true);
        says(NextMode{next});
        now_ += 100ms;
        button(false);
    }
    void says(const ConsoleEvent& news) { story.on_console_event(news); }
    /// A whole selection that ends with this mode.
    void choose(int mode) {
        says(SelectionStarts{mode});
        blink(mode);
        blink(mode);
        led(true, 2s);
        says(ModeStarts{mode});
    }
    void blink(int times) {
        led(false, 500ms);
        for (int i = 0; i < times; ++i) {
            led(true, 200ms);
            led(false, i + 1 < times ? 200ms : 500ms);
        }
        led(true, 1s);
    }
    void slow_blinking() {
        for (int i = 0; i < 4; ++i) {
            led(false, 500ms);
            led(true, 500ms);
        }
        led(false, 500ms);
    }
    void error_code(int times) {
        for (int round = 0; round < 2; ++round) {
            led(false, 2s);
            for (int i = 0; i < times; ++i) {
                led(true, 200ms);
                led(false, 200ms);
            }
        }
        led(false, 2s);
    }
    /// The boot loader finds the button held, and the rescue system starts.
    void enter_rescue() {
        power(true);
        led(true, 1s);
        led(false, 300ms);
        button(false);
        now_ += 4s;
        led(true, 1s);
    }
    std::vector<std::string> meanings;

private:
    void restart() { reader_ = led_decoder::LedReader(now_); }
    void read(const std::vector<led_decoder::Reading>& readings) {
        for (const auto& reading : readings)
            if (auto meaning = story.read(reading)) meanings.push_back(*std::move(meaning));
    }

    Clock::time_point now_{1h};
    led_decoder::LedReader reader_{now_};
};

}  // namespace mox::virtual_mox::panel
