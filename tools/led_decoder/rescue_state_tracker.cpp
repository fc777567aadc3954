#include "led_decoder/rescue_state_tracker.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "boot/mode.hpp"

namespace mox::led_decoder {

namespace {

constexpr std::size_t time_width = 7;
constexpr std::size_t led_width = 23;  // "Blink blink blink blink"
constexpr std::size_t button_width = 8;

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

std::string seconds(Clock::duration duration) {
    std::array<char, 32> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(duration).count());
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string blinks_text(int count) {
    if (count > 4) return "Blink, " + std::to_string(count) + " times";
    std::string text = "Blink";
    for (int i = 1; i < count; ++i) text += " blink";
    return text;
}

std::string_view button_text(ButtonUse use) {
    switch (use) {
        case ButtonUse::released:
            return "Released";
        case ButtonUse::pressed:
            return "Pressed";
        case ButtonUse::held:
            return "Hold";
    }
    return "";
}

std::string mode_text(int number) {
    const auto mode = boot::mode_from_number(number);
    const auto title = mode ? boot::title_of(*mode) : std::string_view("no such mode");
    return "mode " + std::to_string(number) + " (" + std::string(title) + ")";
}

std::string error_text(int code) {
    constexpr std::array<std::string_view, 5> texts{"network", "no valid medkit", "card", "snapshots",
                                                    "internal"};
    if (code < 1 || code > static_cast<int>(texts.size())) return "unknown";
    return std::string(texts.at(static_cast<std::size_t>(code - 1)));
}

std::string line_of(std::string time, std::string led, std::string button, const std::string& meaning) {
    return padded(std::move(time), time_width) + " | " + padded(std::move(led), led_width) + " | " +
           padded(std::move(button), button_width) + " | " + meaning;
}

}  // namespace

Row RescueStateTracker::row_for(const Reading& reading, ButtonUse button, Stage stage) {
    return {led_text(reading), std::string(button_text(button)), meaning(reading, button, stage)};
}

std::string RescueStateTracker::meaning(const Reading& reading, ButtonUse button, Stage stage) {
    switch (stage) {
        case Stage::boot_loader:
            return meaning_in_boot_loader(reading);
        case Stage::rescue:
            return meaning_in_rescue(reading, button);
        case Stage::installed_system:
            break;
    }
    return "Normal boot: I'm starting the system on the card.";
}

std::string RescueStateTracker::meaning_in_boot_loader(const Reading& reading) const {
    if (reading.sign == Sign::lit) return "I know you are holding a button. You can release it now.";
    return "I'm starting the kernel.";
}

std::string RescueStateTracker::meaning_in_rescue(const Reading& reading, ButtonUse button) {
    if (reading.sign == Sign::lit) return meaning_of_light(button);
    if (reading.sign == Sign::dark) return "Nothing to show.";
    pattern_ = reading.sign;
    switch (reading.sign) {
        case Sign::announcement: {
            const bool again = reading.blinks == announced_.mode && !objected_;
            announced_ = {reading.blinks, again ? announced_.repetition + 1 : 1};
            objected_ = false;
            const auto mode = mode_text(announced_.mode);
            if (announced_.repetition == 1) return "I'm going to do " + mode + ". Do you like it?";
            return "Last warning: if you do nothing, I'm going to do " + mode + ".";
        }
        case Sign::interrupted:
            objected_ = true;
            return "The button was pressed during the announcement: on to the next mode.";
        case Sign::slow_blinking:
            if (announced_.mode == 0) return "I'm executing a mode that was not announced. Do not unplug me.";
            return "Time's up. I'm executing " + mode_text(announced_.mode) + ". Do not unplug me.";
        case Sign::error_code:
            return "It failed: error " + std::to_string(reading.blinks) + " (" + error_text(reading.blinks) +
                   "). A press reboots.";
        case Sign::lit:
        case Sign::dark:
            break;
    }
    return "";
}

/// A steady light means what the pattern before it says.
std::string RescueStateTracker::meaning_of_light(ButtonUse button) {
    const bool pressed = button == ButtonUse::pressed;
    if (pattern_ == Sign::slow_blinking) return "It is done: I'm about to reboot.";
    if (pattern_ == Sign::error_code) return "The button was pressed: I'm about to reboot.";
    if (pressed || announced_.mode == 0) objected_ = pressed;
    if (announced_.mode == 0) return "Rescue image started. Prepare for announcements.";
    if (pressed) return "We don't like mode " + std::to_string(announced_.mode) + ": the button is pressed.";
    return "I'm waiting for your opinion. Nothing was pressed.";
}

std::string led_text(const Reading& reading) {
    switch (reading.sign) {
        case Sign::dark:
            return "Off (" + seconds(reading.until - reading.from) + ")";
        case Sign::lit:
            return "On (" + seconds(reading.until - reading.from) + ")";
        case Sign::announcement:
        case Sign::error_code:
            return blinks_text(reading.blinks);
        case Sign::interrupted:
            return blinks_text(reading.blinks) + "...";
        case Sign::slow_blinking:
            return "Slow blinking";
    }
    return "";
}

std::string table_head() {
    return line_of("Time", "MOX LED", "Button", "Meaning") + "\n" + std::string(time_width, '-') + "-+-" +
           std::string(led_width, '-') + "-+-" + std::string(button_width, '-') + "-+-" +
           std::string(56, '-');
}

std::string table_line(Clock::duration since_power_on, const Row& row) {
    auto time = seconds(since_power_on);
    if (time.size() < time_width) time.insert(0, time_width - time.size(), ' ');
    return line_of(std::move(time), row.led, row.button, row.meaning);
}

}  // namespace mox::led_decoder
