// The rules of the selection, with the pure selector: what a person is shown for every way to press.
#include "rescue/selector.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ostream>
#include <random>
#include <variant>
#include <vector>

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Clock::time_point start{1h};

struct Edge {
    milliseconds at{};
    bool down = true;
};

struct LedEdge {
    milliseconds at{};
    bool lit = false;

    bool operator==(const LedEdge&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const LedEdge& edge) {
        return out << edge.at.count() << (edge.lit ? " on" : " off");
    }
};

struct Announced {
    milliseconds at{};
    boot::Mode mode = boot::Mode::reboot;
    int repetition = 0;
};

/// Everything that happened until nothing more will.
struct Record {
    std::vector<LedEdge> led;  ///< visible changes only
    std::vector<Announced> announcements;
    std::vector<boot::Mode> executions;
    std::vector<milliseconds> counted_presses;
    milliseconds end{};

    [[nodiscard]] bool lit() const { return !led.empty() && led.back().lit; }
};

class Simulation {
public:
    explicit Simulation(Selector selector) : selector_(std::move(selector)) {}

    /// Lets the time run up to, but not including, `until`.
    void run_until(milliseconds until) {
        while (selector_.next_due() < start + until && step()) {
        }
    }

    void feed(const Edge& edge) {
        if (!edge.down) {
            selector_.released(start + edge.at);
        } else if (selector_.pressed(start + edge.at)) {
            record_.counted_presses.push_back(edge.at);
        }
    }

    Record& run_to_the_end() {
        while (selector_.next_due() != Clock::time_point::max() && step()) {
        }
        return record_;
    }

    Selector& selector() { return selector_; }

private:
    bool step() {
        const auto now = std::max(selector_.next_due(), start);
        const auto action = selector_.advance(now);
        if (!action) return false;
        const auto at = std::chrono::duration_cast<milliseconds>(now - start);
        record_.end = at;
        if (const auto* show = std::get_if<ShowLed>(&*action)) {
            if (record_.led.empty() || record_.led.back().lit != show->lit)
                record_.led.push_back({at, show->lit});
        } else if (const auto* announce = std::get_if<Announce>(&*action)) {
            record_.announcements.push_back({at, announce->mode, announce->repetition});
        } else {
            record_.executions.push_back(std::get<Execute>(*action).mode);
        }
        return true;
    }

    Selector selector_;
    Record record_;
};

Record play(boot::Mode first, const std::vector<Edge>& edges, bool down_at_start = false) {
    Simulation simulation(Selector(first, down_at_start));
    for (const auto& edge : edges) {
        simulation.run_until(edge.at);
        simulation.feed(edge);
    }
    return simulation.run_to_the_end();
}

std::vector<Edge> press(milliseconds at, milliseconds held = 150ms) {
    return {{at, true}, {at + held, false}};
}

boot::Mode mode(int number) {
    return boot::mode_from_number(number).value();
}

constexpr milliseconds announcement_length(int number) {
    return 500ms + number * 400ms + 500ms;
}

/// From the beginning of the first announcement to the execution.
constexpr milliseconds whole_offer(int number) {
    return 2 * (announcement_length(number) + 3000ms);
}

constexpr milliseconds lead_in = 500ms;

/// What the manual promises for an undisturbed offer of a mode that begins at `at` with the LED on or off.
std::vector<LedEdge> offer(int number, milliseconds at) {
    std::vector<LedEdge> led;
    for (int announcement = 0; announcement < 2; ++announcement) {
        led.push_back({at, false});
        for (int blink = 0; blink < number; ++blink) {
            led.push_back({at + 500ms + blink * 400ms, true});
            led.push_back({at + 700ms + blink * 400ms, false});
        }
        led.push_back({at + announcement_length(number), true});
        at += announcement_length(number) + 3000ms;
    }
    return led;
}

/// What is visible of `edges` for somebody who looks at a LED that already shows `lit`.
std::vector<LedEdge> visible(std::vector<LedEdge> edges, bool lit) {
    if (!edges.empty() && edges.front().lit == lit) edges.erase(edges.begin());
    return edges;
}

TEST(Selector, TheLedIsOnWhenRescueStartsAndBlinksOnceForModeOne) {
    const auto record = play(boot::Mode::reboot, {});
    std::vector<LedEdge> expected{{0ms, true}};
    for (const auto& edge : offer(1, lead_in)) expected.push_back(edge);
    EXPECT_EQ(record.led, expected);
    EXPECT_EQ(record.executions, std::vector{boot::Mode::reboot});
    EXPECT_EQ(record.end, lead_in + whole_offer(1));
}

TEST(Selector, EveryModeIsAnnouncedTwiceThreeSecondsApartAndExecutedThreeSecondsLater) {
    for (int number = 1; number <= boot::mode_count; ++number) {
        const auto record = play(mode(number), {});
        ASSERT_EQ(record.announcements.size(), 2U);
        EXPECT_EQ(record.announcements[0].at, lead_in);
        EXPECT_EQ(record.announcements[1].at, lead_in + announcement_length(number) + 3s);
        EXPECT_EQ(record.executions, std::vector{mode(number)});
        EXPECT_EQ(record.end, lead_in + 2 * announcement_length(number) + 6s);
    }
}

TEST(Selector, APressAtEvery10MsOfEveryOfferMovesOnToTheNextModeAndAnnouncesItAfresh) {
    for (int number = 1; number <= boot::mode_count; ++number) {
        const auto undisturbed = play(mode(number), {});
        const int following = boot::number_of(next(mode(number)));
        for (milliseconds at = 0ms; at <= lead_in + whole_offer(number); at += 10ms) {
            SCOPED_TRACE(testing::Message() << "mode " << number << ", press at " << at.count() << " ms");
            const auto record = play(mode(number), press(at));

            std::vector<LedEdge> expected;
            std::ranges::copy_if(undisturbed.led, std::back_inserter(expected),
                                 [&](const LedEdge& edge) { return edge.at < at || edge.at == 0ms; });
            const bool lit = !expected.empty() && expected.back().lit;
            for (const auto& edge : visible(offer(following, at), lit)) expected.push_back(edge);

            ASSERT_EQ(record.counted_presses.size(), 1U);
            ASSERT_EQ(record.led, expected);
            ASSERT_EQ(record.executions, std::vector{mode(following)});
            ASSERT_EQ(record.end, at + whole_offer(following));
        }
    }
}

TEST(Selector, AfterSevenComesOne) {
    std::vector<Edge> edges;
    for (int count = 0; count < 15; ++count)
        for (const auto& edge : press(2s + count * 1s)) edges.push_back(edge);
    const auto record = play(boot::Mode::reboot, edges);
    std::vector<int> announced;
    announced.reserve(record.announcements.size());
    for (const auto& announcement : record.announcements)
        announced.push_back(boot::number_of(announcement.mode));
    EXPECT_EQ(announced, (std::vector{1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7, 1, 2, 2}));
    EXPECT_EQ(record.executions, std::vector{boot::Mode::rollback});
}

TEST(Selector, APressAfterTheExecutionChangesNothing) {
    const auto record = play(boot::Mode::reboot, press(lead_in + whole_offer(1) + 1ms));
    EXPECT_TRUE(record.counted_presses.empty());
    EXPECT_EQ(record.executions, std::vector{boot::Mode::reboot});
}

TEST(Selector, ExecutesOnceHoweverOftenItIsAsked) {
    Simulation simulation(Selector(boot::Mode::reflash_from_drive, false));
    simulation.run_to_the_end();
    EXPECT_EQ(simulation.selector().next_due(), Clock::time_point::max());
    for (milliseconds at = 0ms; at < 60s; at += 500ms) {
        simulation.feed({20s + at, true});
        simulation.feed({20s + at + 100ms, false});
        EXPECT_FALSE(simulation.selector().advance(start + 20s + at).has_value());
    }
    EXPECT_EQ(simulation.run_to_the_end().executions, std::vector{boot::Mode::reflash_from_drive});
}

/// Presses as a clumsy person makes them: any pause, any length, contacts that bounce on the way.
struct RandomPresses {
    explicit RandomPresses(unsigned seed) : random(seed) {}

    milliseconds between(int least, int most) {
        return milliseconds(std::uniform_int_distribution<int>(least, most)(random));
    }

    void bounce(bool settles_down) {
        for (auto bounces = between(0, 6).count(); bounces > 0; --bounces) {
            edges.push_back({at, settles_down});
            at += between(0, 5);
            edges.push_back({at, !settles_down});
            at += between(0, 5);
        }
        edges.push_back({at, settles_down});
    }

    void add_press() {
        at += between(60, 9000);
        bounce(true);
        at += between(1, 400);
        bounce(false);
    }

    std::mt19937 random;
    milliseconds at{};
    std::vector<Edge> edges;
};

TEST(Selector, AnySequenceOfPressesExecutesOnceWhatWasAnnouncedLast) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        RandomPresses presses(seed);
        const auto count = presses.between(0, 20).count();
        const auto first = mode(1 + static_cast<int>(presses.between(0, 6).count()));
        for (auto pressed = count; pressed > 0; --pressed) presses.add_press();
        const auto record = play(first, presses.edges);

        boot::Mode expected = first;
        for (std::size_t counted = 0; counted < record.counted_presses.size(); ++counted)
            expected = next(expected);
        ASSERT_EQ(record.executions, std::vector{expected});
        ASSERT_EQ(record.announcements.back().mode, expected);
        ASSERT_EQ(record.announcements.back().repetition, 2);
        ASSERT_TRUE(record.lit());
        ASSERT_GE(record.end - record.led.back().at, 3s);
        // Each press counts once, unless the mode was executed before it came.
        ASSERT_LE(record.counted_presses.size(), static_cast<std::size_t>(count));
        if (presses.at < record.end) {
            ASSERT_EQ(record.counted_presses.size(), static_cast<std::size_t>(count));
        }
    }
}

TEST(Selector, AHoldFromBeforeTheStartIsNoPressUntilItWasReleasedOnce) {
    const auto record = play(boot::Mode::reboot, {{2s, false}, {4s, true}, {4200ms, false}}, true);
    EXPECT_EQ(record.counted_presses, std::vector<milliseconds>{4s});
    EXPECT_EQ(record.executions, std::vector{boot::Mode::rollback});
}

TEST(Selector, AHoldFromBeforeTheStartIsNoPressHoweverOftenTheKernelRepeatsIt) {
    std::vector<Edge> edges;
    for (milliseconds at = 100ms; at < 9s; at += 33ms) edges.push_back({at, true});
    const auto record = play(boot::Mode::reboot, edges, true);
    EXPECT_TRUE(record.counted_presses.empty());
    EXPECT_EQ(record.executions, std::vector{boot::Mode::reboot});
}

TEST(Selector, TheBouncesOfAFirstReleaseAreNoPress) {
    const auto record =
        play(boot::Mode::reboot,
             {{2s, false}, {2005ms, true}, {2009ms, false}, {2030ms, true}, {2031ms, false}}, true);
    EXPECT_TRUE(record.counted_presses.empty());
    EXPECT_EQ(record.executions, std::vector{boot::Mode::reboot});
}

TEST(Selector, AButtonStuckFromTheStartLeavesModeOneToBeExecutedAfterItsTime) {
    const auto record = play(boot::Mode::reboot, {}, true);
    EXPECT_EQ(record.executions, std::vector{boot::Mode::reboot});
    EXPECT_EQ(record.end, lead_in + whole_offer(1));
}

TEST(Selector, AButtonStuckFromTheStartNeverExecutesAnythingElse) {
    for (int number = 2; number <= boot::mode_count; ++number) {
        const auto record = play(mode(number), {}, true);
        EXPECT_TRUE(record.executions.empty()) << number;
        EXPECT_EQ(record.announcements.size(), 2U);
        EXPECT_TRUE(record.lit());
    }
}

TEST(Selector, AButtonThatSticksInAPressMovesOnOnceAndExecutesNothingButAReboot) {
    for (int number = 1; number <= boot::mode_count; ++number) {
        const auto record = play(mode(number), {{3s, true}});
        EXPECT_EQ(record.counted_presses.size(), 1U);
        const auto expected =
            number == boot::mode_count ? std::vector{boot::Mode::reboot} : std::vector<boot::Mode>{};
        EXPECT_EQ(record.executions, expected) << number;
    }
}

TEST(Selector, AButtonStuckAtLastLeavesItsWholePauseToObjectOnceReleased) {
    const auto held = play(boot::Mode::factory_reset, {{60s, false}}, true);
    EXPECT_EQ(held.executions, std::vector{boot::Mode::factory_reset});
    EXPECT_EQ(held.end, 63s);

    const auto objected =
        play(boot::Mode::factory_reset, {{60s, false}, {62900ms, true}, {63s, false}}, true);
    EXPECT_EQ(objected.executions, std::vector{boot::Mode::reflash_from_drive});
}

TEST(Selector, AButtonThatTurnsOutToBeHeldIsNoPressAndHoldsBackTheExecution) {
    Simulation simulation(Selector(boot::Mode::factory_reset, false));
    simulation.run_until(5s);
    simulation.selector().found_held();
    EXPECT_TRUE(simulation.run_to_the_end().executions.empty());
    simulation.feed({40s, false});
    const auto& record = simulation.run_to_the_end();
    EXPECT_TRUE(record.counted_presses.empty());
    EXPECT_EQ(record.executions, std::vector{boot::Mode::factory_reset});
    EXPECT_EQ(record.end, 43s);
}

TEST(Selector, BouncesShorterThanTheDebounceTimeCountOnce) {
    std::vector<Edge> edges;
    for (int bounce = 0; bounce < 50; ++bounce) {
        edges.push_back({2000ms + bounce * 60ms, true});
        edges.push_back({2001ms + bounce * 60ms, false});
    }
    const auto record = play(boot::Mode::reboot, edges);
    EXPECT_EQ(record.counted_presses, std::vector<milliseconds>{2s});
    EXPECT_EQ(record.executions, std::vector{boot::Mode::rollback});
}

TEST(Selector, ReleasesAsLongAsTheDebounceTimeSeparatePresses) {
    const auto record =
        play(boot::Mode::reboot, {{2s, true}, {2100ms, false}, {2160ms, true}, {2200ms, false}});
    EXPECT_EQ(record.counted_presses, (std::vector<milliseconds>{2s, 2160ms}));
    EXPECT_EQ(record.executions, std::vector{boot::Mode::factory_reset});
}

TEST(Selector, AProgramThatIsHeldUpAnnouncesLateButSkipsNothing) {
    Selector selector(boot::Mode::factory_reset, false);
    auto now = start;
    int lit = 0;
    std::optional<boot::Mode> executed;
    // Asked only every 10 s, far behind every due time: still one step each.
    for (; !executed && now < start + 1h; now += 10s) {
        int steps = 0;
        while (const auto action = selector.advance(now)) {
            if (const auto* show = std::get_if<ShowLed>(&*action)) {
                ++steps;
                lit += show->lit ? 1 : 0;
            }
            if (const auto* execute = std::get_if<Execute>(&*action)) executed = execute->mode;
        }
        ASSERT_LE(steps, 1);
    }
    EXPECT_EQ(executed, boot::Mode::factory_reset);
    EXPECT_EQ(lit, 1 + 2 * (3 + 1));
}

}  // namespace
}  // namespace mox::rescue
