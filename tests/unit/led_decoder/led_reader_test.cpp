#include "led_decoder/led_reader.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace mox::led_decoder {
namespace {

using namespace std::chrono_literals;

/// A LED that is played step by step, and what was read from it.
class Show {
public:
    Show& on(Clock::duration length) { return step(true, length); }
    Show& off(Clock::duration length) { return step(false, length); }

    Show& blinks(int count, Clock::duration lit = 200ms, Clock::duration dark = 200ms) {
        for (int i = 0; i < count; ++i) on(lit).off(dark);
        return *this;
    }

    /// As a router announces mode N, up to the light that waits for an objection.
    Show& announcement(int mode) { return off(500ms).blinks(mode).off(300ms).on(3s); }

    std::string text() {
        std::string all;
        for (const auto& reading : readings_) all += (all.empty() ? "" : ", ") + word(reading);
        return all;
    }

    [[nodiscard]] const std::vector<Reading>& readings() const { return readings_; }

private:
    Show& step(bool lit, Clock::duration length) {
        keep(reader_.changed(lit, now_));
        const auto end = now_ + length;
        for (auto due = reader_.next_due(); due && *due < end; due = reader_.next_due())
            keep(reader_.waited(*due));
        now_ = end;
        return *this;
    }

    void keep(const std::vector<Reading>& more) {
        readings_.insert(readings_.end(), more.begin(), more.end());
    }

    static std::string word(const Reading& reading) {
        const auto count = std::to_string(reading.blinks);
        switch (reading.sign) {
            case Sign::dark:
                return "dark";
            case Sign::lit:
                return "lit";
            case Sign::announcement:
                return "announces " + count;
            case Sign::interrupted:
                return "interrupted after " + count;
            case Sign::slow_blinking:
                return "slow blinking";
            case Sign::error_code:
                return "error " + count;
        }
        return "?";
    }

    Clock::time_point now_{1h};
    LedReader reader_{now_};
    std::vector<Reading> readings_;
};

TEST(LedReader, ReadsTheNumberOfEveryAnnouncedMode) {
    for (int mode = 1; mode <= 7; ++mode) {
        Show show;
        show.on(1s).announcement(mode).off(500ms);
        EXPECT_EQ(show.text(), "lit, announces " + std::to_string(mode) + ", lit");
    }
}

TEST(LedReader, AnAnnouncementIsToldWhileThePersonCanStillObject) {
    Show show;
    show.on(1s).off(500ms).blinks(2).off(300ms).on(400ms);
    ASSERT_EQ(show.text(), "lit, announces 2");
    EXPECT_EQ(show.readings().back().from, Clock::time_point{1h} + 1s + 500ms);
}

TEST(LedReader, ReadsThePlayOfTheManual) {
    Show show;
    show.off(1s).on(1s).off(900ms).on(1s);
    for (const int mode : {1, 2, 3, 3, 4, 4}) show.announcement(mode);
    show.off(500ms).on(500ms).off(500ms).on(500ms).off(500ms).on(500ms);
    EXPECT_EQ(show.text(),
              "dark, lit, dark, lit, announces 1, lit, announces 2, lit, announces 3, lit, announces 3, lit, "
              "announces 4, lit, announces 4, lit, slow blinking");
}

TEST(LedReader, APressDuringTheBlinksIsReadAsAnInterruptedAnnouncement) {
    Show show;
    show.on(1s).off(500ms).blinks(2).announcement(4);
    EXPECT_EQ(show.text(), "lit, interrupted after 2, announces 4");
}

TEST(LedReader, APauseCutShortByAPressIsNotSlowBlinking) {
    Show show;
    show.on(1s).off(500ms).blinks(1).off(300ms).on(500ms).announcement(2).off(1ms);
    EXPECT_EQ(show.text(), "lit, announces 1, announces 2, lit");
}

TEST(LedReader, ReadsEveryErrorCodeOnce) {
    for (int code = 1; code <= 5; ++code) {
        Show show;
        show.on(1s).announcement(4).off(500ms).on(500ms).off(500ms).on(500ms).off(2s);
        for (int i = 0; i < 3; ++i) show.blinks(code, 200ms, 300ms).off(1700ms);
        EXPECT_EQ(show.text(), "lit, announces 4, lit, slow blinking, dark, error " + std::to_string(code));
    }
}

TEST(LedReader, IsNotConfusedByADisplayThatLagsByATenthOfASecond) {
    Show show;
    show.on(1100ms).off(600ms).blinks(3, 300ms, 290ms).off(310ms).on(2900ms).off(590ms);
    show.on(590ms).off(410ms).on(600ms).off(500ms);
    EXPECT_EQ(show.text(), "lit, announces 3, lit, slow blinking");
}

}  // namespace
}  // namespace mox::led_decoder
