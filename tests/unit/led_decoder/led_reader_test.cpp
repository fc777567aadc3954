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

    /// As a router begins to work on a mode after its announcement: `blinks` whole ones.
    Show& slow_blinking(int blinks) {
        off(750ms);
        for (int i = 1; i < blinks; ++i) on(500ms).off(500ms);
        return on(500ms);
    }

    Show& error_code(int code, int rounds = 3) {
        for (int i = 0; i < rounds; ++i) blinks(code, 200ms, 300ms).off(2s);
        return *this;
    }

    /// The board was reset, and the button is held: the boot loader's light, and that of the kernel.
    Show& start_of_rescue() { return off(300ms).on(1s).off(4s).on(900ms); }

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

TEST(LedReader, ASlowBlinkThatIsCutOffIsNoErrorCode) {
    for (int code = 1; code <= 5; ++code)
        for (auto length = 10ms; length < 500ms; length += 10ms) {
            SCOPED_TRACE(testing::Message() << "error " << code << ", cut off after " << length.count());
            const auto expected = "lit, announces 4, lit, slow blinking, dark, error " + std::to_string(code);
            Show later;
            later.on(1s).announcement(4).slow_blinking(2).off(500ms).on(length).off(2s).error_code(code);
            ASSERT_EQ(later.text(), expected);
            // As the first one: it is not known then that a mode was running.
            Show first;
            first.on(1s).announcement(4).off(750ms).on(length).off(2s).error_code(code);
            ASSERT_EQ(first.text(), "lit, announces 4, lit, dark, error " + std::to_string(code));
        }
}

TEST(LedReader, ABlinkThatAResetCutsOffIsNoNumber) {
    for (auto length = 10ms; length < 500ms; length += 10ms) {
        SCOPED_TRACE(length.count());
        Show running;
        running.on(1s).announcement(4).slow_blinking(3).off(500ms).on(length).start_of_rescue().announcement(
            2);
        ASSERT_EQ(running.text(), "lit, announces 4, lit, slow blinking, lit, dark, lit, announces 2");
        Show forced;
        forced.on(1s).announcement(4).slow_blinking(3).off(500ms).on(length).off(300ms).on(1s).off(4s);
        forced.on(900ms).slow_blinking(3).off(1s);
        ASSERT_EQ(forced.text(), "lit, announces 4, lit, slow blinking, lit, dark, lit, slow blinking");
    }
}

/// A power cut or a watchdog knows nothing of groups.
TEST(LedReader, AnErrorCodeThatAResetCutsOffIsNotAnotherOne) {
    for (int code = 2; code <= 5; ++code)
        for (int seen = 1; seen < code; ++seen) {
            Show show;
            show.on(1s).announcement(4).slow_blinking(2).off(2s).error_code(code, 1).blinks(seen, 200ms,
                                                                                            300ms);
            show.off(3s).on(1s).off(4s).on(900ms).announcement(1);
            EXPECT_EQ(show.text(), "lit, announces 4, lit, slow blinking, dark, error " +
                                       std::to_string(code) + ", lit, dark, lit, announces 1")
                << "cut off after " << seen;
        }
}

TEST(LedReader, AnErrorCodeHasToBeRepeatedWhereNothingWasSeenBefore) {
    Show once;
    once.on(1s).off(2s).error_code(3, 1).on(1s).off(1s);
    EXPECT_EQ(once.text(), "lit, dark, dark, lit");
    Show twice;
    twice.on(1s).off(2s).error_code(3, 2);
    EXPECT_EQ(twice.text(), "lit, dark, dark, error 3");
    Show another;
    another.on(1s).off(2s).blinks(1).off(2s).error_code(3, 1).on(1s).off(1s);
    EXPECT_EQ(another.text(), "lit, dark, dark, dark, lit") << "the first was cut off by something";
}

TEST(LedReader, AGroupWhoseBeginningWasNotSeenIsNoNumber) {
    Show announcement;
    announcement.off(100ms).blinks(2).off(300ms).on(3s).announcement(3);
    EXPECT_EQ(announcement.text(), "lit, announces 3") << "it has been 3 the first time, too";
    Show code;
    code.off(100ms).blinks(2, 200ms, 300ms).off(1700ms).error_code(3, 2);
    EXPECT_EQ(code.text().find("error 2"), std::string::npos) << code.text();
    EXPECT_NE(code.text().find("error 3"), std::string::npos) << code.text();
}

TEST(LedReader, LightInsideAGroupEndsIt) {
    Show press;
    press.on(1s).announcement(4).slow_blinking(2).off(2s).blinks(2, 200ms, 300ms).on(1s).start_of_rescue();
    press.announcement(1);
    EXPECT_EQ(press.text(), "lit, announces 4, lit, slow blinking, dark, lit, lit, dark, lit, announces 1");
}

TEST(LedReader, AnotherErrorAfterAnotherTryIsRead) {
    Show show;
    show.on(1s).announcement(4).slow_blinking(2).off(2s).error_code(2).slow_blinking(2).off(2s).error_code(3);
    EXPECT_EQ(show.text(),
              "lit, announces 4, lit, slow blinking, dark, error 2, slow blinking, dark, error 3");
}

// On a busy board a mode begins late, and is late to see that its slow blinking has ended.
TEST(LedReader, TheDarknessAroundTheSlowBlinkingIsNoPatternOfItsOwn) {
    const auto played = [](Clock::duration before, Clock::duration after) {
        Show show;
        show.off(300ms).on(1s).announcement(4).off(before);
        for (int i = 0; i < 3; ++i) show.on(500ms).off(500ms);
        return show.on(500ms).off(after).on(1s).off(100ms).text();
    };
    EXPECT_EQ(played(1100ms, 1200ms), "lit, announces 4, lit, slow blinking, lit");
    EXPECT_EQ(played(1700ms, 1700ms), "lit, announces 4, lit, dark, slow blinking, dark, lit");
}

TEST(LedReader, ASuccessIsReadAsLightAfterTheSlowBlinking) {
    Show show;
    show.on(1s).announcement(4).slow_blinking(2).off(750ms).on(1s).off(300ms).on(1s).off(4s).on(3s).off(1s);
    EXPECT_EQ(show.text(), "lit, announces 4, lit, slow blinking, lit, lit, dark, lit");
}

}  // namespace
}  // namespace mox::led_decoder
