#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "panel/server/board_model.hpp"
#include "panel/server/guide.hpp"

namespace mox::virtual_mox::panel {

using namespace std::chrono_literals;
using led_decoder::Sign;

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// A board that a test plays, and what a strict observer has noted of its console. Everything is checked
/// after each single input.
class PlayedBoard {
public:
    explicit PlayedBoard(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] const BoardState& state() const { return model_.state(); }
    [[nodiscard]] const Situation& now() const { return state().situation; }
    /// The inputs so far, for a failure.
    [[nodiscard]] const std::vector<std::string>& inputs() const { return inputs_; }
    [[nodiscard]] const std::map<Phase, int>& phases() const { return phases_; }
    [[nodiscard]] const std::map<Sign, int>& signs() const { return signs_; }
    [[nodiscard]] int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }
    [[nodiscard]] bool in(int chance_of_100) { return below(100) < chance_of_100; }

    void passes(Clock::duration length) {
        time_ += length;
        while (const auto due = model_.next_due()) {
            if (*due > time_) break;
            take("waited", model_.waited(std::max(*due, latest_)));
            latest_ = std::max(*due, latest_);
        }
        latest_ = time_;
    }
    void power(bool on) {
        if (on && state().power) return;
        begin_start();
        held_ = on && in(50);
        take(on ? "power on" : "power off", on ? model_.power_comes(held_, time_) : model_.power_goes(time_));
    }
    void power_with_button() {
        if (state().power) power(false);
        begin_start();
        held_ = true;
        take("power on, held", model_.power_comes(true, time_));
    }
    void reset() {
        begin_start();
        take("reset", model_.was_reset(held_, time_));
    }
    void led(bool lit, Clock::duration length) {
        take(lit ? "led on" : "led off", model_.led_changed(lit, time_));
        passes(length);
    }
    void button(bool down) {
        held_ = down;
        model_.button_changed(down, time_);
        take(down ? "button down" : "button up", {});
    }
    void card(bool in) {
        model_.change([&](BoardState& board) { board.card.in = in; });
        take(in ? "card in" : "card out", {});
    }
    void cable(bool plugged) {
        model_.change([&](BoardState& board) { board.cable = plugged; });
        take("cable", {});
    }
    void stick(bool in) {
        model_.change([&](BoardState& board) { board.stick.in = in; });
        take("stick", {});
    }
    /// A whole line, in pieces of any size. A board without power writes nothing, so nothing is noted of it.
    void line(const std::string& text) { bytes("\r\n" + text + "\r\n", text); }  // a prompt may be open
    void boot_prompt() { bytes("\r\n=> ", "=> "); }
    void bytes(const std::string& all, const std::string& noted) {
        for (std::size_t at = 0; at < all.size();) {
            const auto length =
                std::min<std::size_t>(all.size() - at, static_cast<std::size_t>(below(60)) + 1);
            if (at + length == all.size()) note(noted);
            take("console " + all.substr(at, length), model_.console_says(all.substr(at, length), time_));
            at += length;
        }
    }
    /// The begin of a line, which the plug or a reset cuts short.
    void torn(const std::string& text) {
        const auto length = static_cast<std::size_t>(below(static_cast<int>(text.size())));
        take("console torn", model_.console_says(text.substr(0, length), time_));
        if (in(50)) return power(false);
        reset();
    }

private:
    void begin_start() {
        start_ = time_;
        told_error_ = 0;
        runs_ = false;
        at_prompt_ = false;
    }

    /// What a person who reads the console would remember of a line.
    void note(const std::string& text) {
        at_prompt_ = text == "=> ";
        if (const auto at = text.find("The LED shows error ");
            at != std::string::npos && text[at + 20] != '0')
            told_error_ = text[at + 20] - '0';
        if (contains(text, "] executing mode ") || contains(text, "trying again")) runs_ = true;
        if (contains(text, "The LED shows error 0") || contains(text, "mode 0 ") || contains(text, "mode 8 "))
            return;  // no message of a rescue system
        if (contains(text, "The LED shows") || contains(text, "is done;") ||
            contains(text, "selecting a mode") || contains(text, "rebooting") ||
            contains(text, "the rescue program"))
            runs_ = false;
    }

    void take(std::string input, const BoardModel::Told& told) {
        if (testing::Test::HasFailure()) return;  // the first contradiction tells enough
        inputs_.push_back(std::move(input));
        if (inputs_.size() > 60) inputs_.erase(inputs_.begin());
        for (const auto& one : told) check(one);
        ++phases_[now().phase];
        check_state();
        check_words();
        check_what_goes_on();
    }

    void check(const ToldReading& told) {
        const auto& reading = told.reading;
        ++signs_[reading.sign];
        EXPECT_LE(reading.from, reading.until);
        EXPECT_NE(told.meaning, "");
        if (told.is_end) {
            {
                ASSERT_TRUE(going_on_) << "the end of what did not go on";
            }
            EXPECT_EQ(going_on_->reading.from, reading.from);
            EXPECT_EQ(going_on_->reading.sign, reading.sign);
            EXPECT_FALSE(told.goes_on);
            going_on_.reset();
            return;
        }
        EXPECT_FALSE(going_on_) << "what goes on is ended first";
        EXPECT_FALSE(contains(told.meaning, "no power")) << "a board without power shows nothing";
        if (reading.sign == Sign::error_code) {
            EXPECT_EQ(reading.blinks, told_error_);
        }
        if (reading.sign == Sign::announcement) {
            EXPECT_TRUE(reading.blinks >= 1 && reading.blinks <= 7);
        }
        if (told.goes_on) going_on_ = told;
    }

    void check_state() {
        const auto& is = now();
        EXPECT_EQ(state().power, is.phase != Phase::off);
        if (!state().power) {
            {
                EXPECT_EQ(is, Situation{});
            }
            EXPECT_FALSE(state().led);
            EXPECT_EQ(port_leds(state()), PortLeds::off);
        }
        EXPECT_EQ(is.error != 0, is.phase == Phase::failed);
        if (is.error != 0) {
            EXPECT_EQ(is.error, told_error_) << "the console has told no other";
        }
        if (!is.reason.empty() || !is.advice.empty()) {
            EXPECT_EQ(is.phase, Phase::failed);
        }
        if (is.progress) {
            {
                EXPECT_EQ(is.phase, Phase::executing);
            }
            EXPECT_TRUE(runs_) << "progress of a dead mode";
        }
        if (is.phase == Phase::executing) {
            EXPECT_TRUE(runs_);
        }
        if (is.repetition != 0) {
            EXPECT_EQ(is.phase, Phase::selecting);
        }
        EXPECT_TRUE(is.mode >= 0 && is.mode <= 7);
        if (is.phase == Phase::selecting || is.phase == Phase::executing) {
            EXPECT_NE(is.mode, 0);
        }
        const bool may_have_mode = is.phase == Phase::selecting || is.phase == Phase::executing ||
                                   is.phase == Phase::waiting_for_you || is.phase == Phase::failed ||
                                   is.phase == Phase::rebooting;
        if (is.mode != 0) {
            EXPECT_TRUE(may_have_mode);
        }
    }

    void check_words() {
        const auto& is = now();
        const auto meaning = meaning_of(state());
        const auto all = meaning + " " + doing_of(state()) + " " + hint_for(state());
        if (is.mode != 0 && is.phase != Phase::failed) {
            EXPECT_TRUE(contains(meaning, "mode " + std::to_string(is.mode))) << meaning;
        }
        EXPECT_EQ(contains(all, "failed with"), is.phase == Phase::failed) << all;
        if (is.phase == Phase::failed) {
            EXPECT_TRUE(contains(meaning, "error " + std::to_string(is.error)));
        }
        if (contains(all, "system on the card starts")) {
            {
                EXPECT_EQ(is.phase, Phase::normal_boot);
            }
            EXPECT_TRUE(state().card.in) << all;
            EXPECT_FALSE(at_prompt_) << all;
        }
        if (contains(all, "is running")) {
            EXPECT_TRUE(is.phase == Phase::executing || is.phase == Phase::running);
        }
        if (at_prompt_ && is.phase != Phase::running) {
            EXPECT_NE(is.phase, Phase::normal_boot) << "the boot loader's prompt ends a start";
        }
    }

    void check_what_goes_on() {
        if (!going_on_) return;
        if (going_on_->reading.sign == Sign::slow_blinking) {
            EXPECT_EQ(now().phase, Phase::executing);
        }
        if (going_on_->reading.sign == Sign::error_code) {
            EXPECT_EQ(now().error, going_on_->reading.blinks);
        }
    }

    std::mt19937_64 random_;
    Clock::time_point time_{1h};
    Clock::time_point latest_{1h};
    Clock::time_point start_{};
    BoardModel model_{time_};
    bool held_ = false;
    int told_error_ = 0;
    bool runs_ = false;
    bool at_prompt_ = false;
    std::optional<ToldReading> going_on_;
    std::vector<std::string> inputs_;
    std::map<Phase, int> phases_;
    std::map<Sign, int> signs_;
};

[[nodiscard]] inline std::string in_log(const std::string& text) {
    return "[   12.345] " + text;
}

[[nodiscard]] inline std::string mode_text(int mode) {
    return "mode " + std::to_string(mode) + " (its title)";
}

/// Anything that the console may show at any moment.
[[nodiscard]] inline std::string any_line(PlayedBoard& board) {
    const int mode = board.below(9);
    switch (board.below(16)) {
        case 0:
            return in_log("selecting a mode, " + mode_text(mode) + " is first");
        case 1:
            return in_log("button pressed: " + mode_text(mode) + " is next");
        case 2:
            return in_log("executing " + mode_text(mode));
        case 3:
            return in_log("error: The LED shows error " + std::to_string(board.below(6)) + " (card). Press");
        case 4:
            return in_log("a drive was plugged in: trying again");
        case 5:
            return in_log(mode_text(mode) + " is done; rebooting");
        case 6:
            return in_log(mode_text(mode) + " is done; the system stays up");
        case 7:
            return in_log("button pressed: rebooting");
        case 8:
            return in_log("error: the rescue program was killed by signal 9");
        case 9:
            return "RESET button was pressed, overwriting boot_targets!";
        case 10:
            return "Starting kernel ...";
        case 11:
            return "[    5.012345] Kernel panic - not syncing: VFS";
        case 12:
            return "[2/6] unpacking  [####....]  36%  78.1 MB of 215.3 MB";
        case 13:
            return in_log("error: sda1: there is no medkit");
        case 14:
            return in_log("hint: plug in another stick");
        default:
            return "mox login: root";
    }
}

/// Blinks; `cut`: short now and then.
inline void blinks(PlayedBoard& board, int times, Clock::duration before, Clock::duration after, bool cut) {
    board.led(false, before);
    for (int i = 0; i < times; ++i) {
        board.led(true, 200ms);
        board.led(false, i + 1 < times ? Clock::duration(200ms) : after);
        if (cut && board.in(5)) return;
    }
}

inline void any_input(PlayedBoard& board) {
    constexpr std::array<Clock::duration, 8> lengths{20ms, 200ms, 300ms, 500ms, 700ms, 1s, 2s, 5s};
    const auto length = lengths.at(static_cast<std::size_t>(board.below(8)));
    switch (board.below(14)) {
        case 0:
            return board.power(false);
        case 1:
            return board.power(true);
        case 2:
            return board.reset();
        case 3:
            return board.button(true);
        case 4:
            return board.button(false);
        case 5:
            return board.card(board.in(50));
        case 6:
            return board.stick(board.in(50));
        case 7:
            return board.cable(board.in(50));
        case 8:
            return board.state().power ? board.led(board.in(50), length) : board.passes(length);
        case 9:
            return board.torn(any_line(board));
        case 10:
            if (board.state().power) board.boot_prompt();
            return;
        case 11:
            if (board.state().power) board.bytes("\r\nmox login: ", "");
            return;
        default:
            if (board.state().power) board.line(any_line(board));
    }
}

}  // namespace mox::virtual_mox::panel
