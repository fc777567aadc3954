// What a press means: the manual's cases by name, then every combination of a grid against a model that knows
// the whole story from the start.
#include "button/press_classifier.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace mox::button {

std::ostream& operator<<(std::ostream& out, const PressResult& verdict);
std::ostream& operator<<(std::ostream& out, const PressResult& verdict) {
    static const std::vector<std::string> names{"reboot",   "reset",        "announce",      "stuck",
                                                "call off", "ignore stuck", "ignore bounce", "ignore (busy)"};
    return out << names.at(static_cast<std::size_t>(verdict.action)) << " after "
               << std::chrono::duration_cast<std::chrono::milliseconds>(verdict.held).count() << " ms";
}

namespace {

using namespace std::chrono_literals;
using board::ButtonEdge;

const Clock::time_point start{1h};

struct Judged {
    Clock::duration at{};
    PressResult verdict;

    bool operator==(const Judged&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const Judged& judged) {
        return out << std::chrono::duration_cast<std::chrono::milliseconds>(judged.at).count()
                   << " ms: " << judged.verdict;
    }
};

/// Plays edges to a judge and lets it have every instant that it asks for.
class Play {
public:
    Play& press_at(Clock::duration at) { return on_event(ButtonEdge::pressed, at); }
    Play& release_at(Clock::duration at) { return on_event(ButtonEdge::released, at); }
    Play& found_held_at(Clock::duration at) { return on_event(ButtonEdge::found_held, at); }
    Play& lost_at(Clock::duration at) {
        wait_until(at);
        return keep(at, classify.lost(start + at));
    }
    Play& wait_until(Clock::duration at) {
        while (classify.next_due() <= start + at) {
            const auto due = classify.next_due();
            keep(due - start, classify.wait_until(due));
        }
        return *this;
    }
    const std::vector<Judged>& to_the_end() {
        wait_until(24h);
        return verdicts;
    }

    PressClassifier classify;
    std::vector<Judged> verdicts;

private:
    Play& on_event(ButtonEdge edge, Clock::duration at) {
        wait_until(at);
        return keep(at, classify.on_event({edge, start + at}));
    }
    Play& keep(Clock::duration at, const PressResults& more) {
        for (const auto& verdict : more) verdicts.push_back({at, verdict});
        return *this;
    }
};

using Story = std::vector<Judged>;

TEST(PressClassifier, AShortPressIsAGracefulRebootOnceItIsReleased) {
    for (const auto held : {100ms, 1000ms, 3900ms, 3999ms}) {
        Play play;
        EXPECT_EQ(play.press_at(0s).release_at(held).to_the_end(),
                  (Story{{held + 30ms, {Action::reboot, held}}}));
    }
}

TEST(PressClassifier, ALongPressIsAResetOnceItIsReleasedAndIsAnnouncedAtFourSeconds) {
    for (const auto held : {4000ms, 4100ms, 6000ms, 19999ms}) {
        Play play;
        EXPECT_EQ(play.press_at(0s).release_at(held).to_the_end(),
                  (Story{{4s, {Action::announce_reset, 4s}}, {held + 30ms, {Action::reset, held}}}));
    }
}

TEST(PressClassifier, AButtonHeldForTwentySecondsIsStuckAndItsReleaseMeansNothing) {
    for (const auto held : {20000ms, 25000ms, 3600000ms}) {
        Play play;
        EXPECT_EQ(play.press_at(0s).release_at(held).to_the_end(),
                  (Story{{4s, {Action::announce_reset, 4s}},
                         {20s, {Action::call_stuck, 20s}},
                         {held + 30ms, {Action::ignore_stuck, held}}}));
    }
}

TEST(PressClassifier, AfterAStuckButtonTheNextPressCountsAgain) {
    Play play;
    play.press_at(0s).release_at(25s).press_at(26s).release_at(26500ms);
    EXPECT_EQ(play.to_the_end().back(), (Judged{26530ms, {Action::reboot, 500ms}}));
}

TEST(PressClassifier, BouncesAtBothEndsBelongToOnePress) {
    Play play;
    play.press_at(0ms).release_at(3ms).press_at(5ms).release_at(8ms).press_at(12ms);
    play.release_at(4200ms).press_at(4205ms).release_at(4209ms).press_at(4220ms).release_at(4221ms);
    EXPECT_EQ(play.to_the_end(),
              (Story{{4s, {Action::announce_reset, 4s}}, {4251ms, {Action::reset, 4221ms}}}));
}

TEST(PressClassifier, ASpikeIsNoPress) {
    Play play;
    EXPECT_EQ(play.press_at(0s).release_at(29ms).to_the_end(),
              (Story{{59ms, {Action::ignore_bounce, 29ms}}}));
}

TEST(PressClassifier, WhileARebootIsUnderWayShortPressesAreIgnoredAndLongOnesReset) {
    Play play;
    play.classify.work_begins();
    play.press_at(0s).release_at(1s).press_at(2s).release_at(7s);
    EXPECT_EQ(play.to_the_end(), (Story{{1030ms, {Action::ignore_while_busy, 1s}},
                                        {6s, {Action::announce_reset, 4s}},
                                        {7030ms, {Action::reset, 5s}}}));
    play.classify.work_ends();
    play.press_at(25h).release_at(25h + 1s).wait_until(26h);
    EXPECT_EQ(play.verdicts.back().verdict, (PressResult{Action::reboot, 1s}));
}

TEST(PressClassifier, AButtonThatWasDownFromTheStartMeansNothingUntilItWasReleased) {
    Play play;
    play.found_held_at(0s).release_at(5s).press_at(5010ms).release_at(30s);
    play.press_at(30010ms).release_at(31s);
    EXPECT_EQ(play.to_the_end(), Story{}) << "a bounce is no new press";
    play.press_at(25h).release_at(25h + 1s).wait_until(26h);
    EXPECT_EQ(play.verdicts, (Story{{25h + 1030ms, {Action::reboot, 1s}}}));
}

TEST(PressClassifier, AButtonThatVanishesWhileHeldWasNotReleased) {
    Play play;
    play.press_at(0s).lost_at(5s).press_at(10s).release_at(10500ms);
    EXPECT_EQ(play.to_the_end(), (Story{{4s, {Action::announce_reset, 4s}},
                                        {5s, {Action::call_off, 5s}},
                                        {10530ms, {Action::reboot, 500ms}}}));
}

TEST(PressClassifier, AReleaseThatWasSeenCountsEvenIfTheButtonVanishesRightAfterIt) {
    Play play;
    play.press_at(0s).release_at(1s).lost_at(1010ms);
    EXPECT_EQ(play.to_the_end(), (Story{{1010ms, {Action::reboot, 1s}}}));
}

TEST(PressClassifier, AButtonThatIsFoundHeldInAPressCallsThePressOff) {
    Play play;
    play.press_at(0s).found_held_at(2s).release_at(9s);
    EXPECT_EQ(play.to_the_end(), (Story{{2s, {Action::call_off, 2s}}}));
}

TEST(PressClassifier, AReleaseThatIsToldTwiceCountsFromTheFirstTime) {
    Play play;
    play.press_at(0s).release_at(1s).release_at(1020ms);
    EXPECT_EQ(play.to_the_end(), (Story{{1030ms, {Action::reboot, 1s}}}));
    play.found_held_at(25h).release_at(25h + 1s).release_at(25h + 1020ms).press_at(25h + 1040ms);
    play.release_at(25h + 2040ms).wait_until(26h);
    EXPECT_EQ(play.verdicts.back().verdict, (PressResult{Action::reboot, 1s}));
    EXPECT_EQ(play.verdicts.size(), 2U);
}

TEST(PressClassifier, NothingIsDueWhileNothingHappens) {
    PressClassifier classify;
    EXPECT_EQ(classify.next_due(), Clock::time_point::max());
    EXPECT_TRUE(classify.on_event({ButtonEdge::found_held, start}).empty());
    EXPECT_EQ(classify.next_due(), Clock::time_point::max());
    EXPECT_TRUE(classify.wait_until(start + 24h).empty());
}

TEST(PressClassifier, AStuckButtonCausesNoWakeUps) {
    Play play;
    play.press_at(0s).wait_until(21s);
    EXPECT_EQ(play.classify.next_due(), Clock::time_point::max());
}

TEST(PressClassifier, OtherThresholdsMoveEverything) {
    PressClassifier classify({.long_press = 1s, .stuck = 2s, .settle = 10ms});
    EXPECT_TRUE(classify.on_event({ButtonEdge::pressed, start}).empty());
    EXPECT_EQ(classify.next_due(), start + 1s);
    EXPECT_EQ(classify.wait_until(start + 1s), (PressResults{{Action::announce_reset, 1s}}));
    EXPECT_EQ(classify.wait_until(start + 2s), (PressResults{{Action::call_stuck, 2s}}));
}

/// Down and up times of a button: held for `first`, up for `second`, and so on.
using Pattern = std::vector<std::pair<Clock::duration, Clock::duration>>;

/// The same verdicts from the whole story at once: first the contact's gaps that are too short for a release
/// are closed, then each press is measured.
Story model(const Pattern& pattern) {
    const Thresholds limits;
    std::vector<std::pair<Clock::duration, Clock::duration>> presses;
    Clock::duration now{};
    Clock::duration gap_before = 1h;
    for (const auto& [held, up] : pattern) {
        if (gap_before < limits.settle)
            presses.back().second = now + held;
        else
            presses.emplace_back(now, now + held);
        now += held + up;
        gap_before = up;
    }
    Story story;
    for (const auto& [down, up] : presses) {
        const auto held = up - down;
        const auto decided = up + limits.settle;
        if (held >= limits.long_press)
            story.push_back({down + limits.long_press, {Action::announce_reset, limits.long_press}});
        if (held >= limits.stuck) story.push_back({down + limits.stuck, {Action::call_stuck, limits.stuck}});
        const auto action = held >= limits.stuck        ? Action::ignore_stuck
                            : held >= limits.long_press ? Action::reset
                            : held >= limits.settle     ? Action::reboot
                                                        : Action::ignore_bounce;
        story.push_back({decided, {action, held}});
    }
    return story;
}

/// An announcement that falls into a gap which turns out to be a bounce is made when the gap is over.
Story with_times_of(Story expected, const Story& seen) {
    for (std::size_t i = 0; i < expected.size() && i < seen.size(); ++i) {
        const auto late = seen[i].at - expected[i].at;
        if (late > 0ms && late < Thresholds{}.settle) expected[i].at = seen[i].at;
    }
    return expected;
}

std::string text_of(const Pattern& pattern) {
    std::string text;
    for (const auto& [held, up] : pattern)
        text += std::to_string(held / 1ms) + " ms down, " + std::to_string(up / 1ms) + " ms up; ";
    return text;
}

Story exact_times(const Pattern& pattern) {
    Play play;
    Clock::duration now{};
    for (const auto& [held, up] : pattern) {
        play.press_at(now).release_at(now + held);
        now += held + up;
    }
    return play.to_the_end();
}

std::vector<PressResult> only_verdicts(const Story& story) {
    std::vector<PressResult> verdicts;
    for (const auto& judged : story) verdicts.push_back(judged.verdict);
    return verdicts;
}

/// All edges arrive at once, long after they happened.
std::vector<PressResult> told_late(const Pattern& pattern) {
    PressClassifier classify;
    std::vector<PressResult> all;
    const auto keep = [&](const PressResults& more) { all.insert(all.end(), more.begin(), more.end()); };
    auto now = start;
    for (const auto& [held, up] : pattern) {
        keep(classify.on_event({ButtonEdge::pressed, now}));
        keep(classify.on_event({ButtonEdge::released, now + held}));
        now += held + up;
    }
    keep(classify.wait_until(now + 24h));
    return all;
}

const std::vector<Clock::duration> holds{1ms,    29ms,   30ms,   31ms,    100ms,   3970ms,  3999ms, 4000ms,
                                         4001ms, 4100ms, 6000ms, 19999ms, 20000ms, 20001ms, 25000ms};
const std::vector<Clock::duration> gaps{1ms, 29ms, 30ms, 31ms, 1000ms, 4000ms, 20000ms};

void expect_as_the_model_says(const Pattern& pattern) {
    const auto seen = exact_times(pattern);
    const auto expected = model(pattern);
    ASSERT_EQ(seen, with_times_of(expected, seen)) << text_of(pattern);
    ASSERT_EQ(told_late(pattern), only_verdicts(expected)) << text_of(pattern);
}

TEST(PressClassifier, EveryCombinationOfThreePressesIsJudgedAsTheModelSays) {
    int patterns = 0;
    for (const auto first : holds)
        for (const auto gap : gaps)
            for (const auto second : holds)
                for (const auto other_gap : gaps)
                    for (const auto third : holds) {
                        expect_as_the_model_says({{first, gap}, {second, other_gap}, {third, 1h}});
                        if (HasFatalFailure()) return;
                        ++patterns;
                    }
    EXPECT_EQ(patterns, 15 * 7 * 15 * 7 * 15);
}

TEST(PressClassifier, TwentyThousandRandomPatternsWithBouncesAreJudgedAsTheModelSays) {
    std::mt19937 random(20261122);
    const auto between = [&](int least, int most) {
        return std::chrono::milliseconds(std::uniform_int_distribution(least, most)(random));
    };
    for (int round = 0; round < 20000; ++round) {
        Pattern pattern;
        for (int press = 0; press < 8; ++press) {
            const bool bounces = between(0, 2) == 0ms;
            pattern.emplace_back(bounces ? between(1, 15) : between(1, 24000),
                                 bounces ? between(1, 29) : between(1, 5000));
        }
        expect_as_the_model_says(pattern);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace mox::button
