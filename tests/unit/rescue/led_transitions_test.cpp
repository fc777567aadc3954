// The LED never tells a false number: whole sessions on a simulated clock, with the end of the mode, a press
// or a new drive at every instant. What the LED did is read as a user reads it, from its edges alone, with
// the boot loader's light before it and after it.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "led_decoder/led_reader.hpp"
#include "support/rescue_session_play.hpp"
#include "support/seeds.hpp"

namespace mox::rescue {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using led_decoder::LedReader;
using led_decoder::Reading;
using led_decoder::Sign;
using std::chrono::milliseconds;
using test_support::FakeButton;
using test_support::FakeClock;
using test_support::LedEdge;
using Texts = std::vector<std::string>;

constexpr milliseconds step = 10ms;
/// Of the kernel's timer trigger on a router: a tick of its clock.
constexpr milliseconds tick = 4ms;
/// The lead of the slow blinking, and three periods of it.
constexpr milliseconds running_phase = 750ms + 3 * 1000ms;
/// The two announcements of mode 4, after the lead-in.
constexpr milliseconds selection = 500ms + 2 * (2600ms + 3000ms);
/// No lit time is shorter than a blink, but that of an announcement which a press has cut off.
constexpr milliseconds blink = 200ms;

std::string word(const Reading& reading) {
    switch (reading.sign) {
        case Sign::announcement:
            return "announces " + std::to_string(reading.blinks);
        case Sign::interrupted:
            return "interrupted";
        case Sign::slow_blinking:
            return "slow blinking";
        case Sign::error_code:
            return "error " + std::to_string(reading.blinks);
        case Sign::dark:
            return "dark";
        case Sign::lit:
            return "lit";
    }
    return "?";
}

/// The boot loader samples the button; then the kernel starts, and lights the LED.
std::vector<LedEdge> with_boot_loader_before(const std::vector<LedEdge>& edges) {
    std::vector<LedEdge> all{{-2300ms, true}, {-1300ms, false}, {-400ms, true}};
    all.insert(all.end(), edges.begin(), edges.end());
    return all;
}

/// The session ended at `end`: the board is reset, and the router's own system starts.
void add_reboot(std::vector<LedEdge>& edges, milliseconds end) {
    edges.push_back({end + 150ms, false});
    edges.push_back({end + 450ms, true});
    edges.push_back({end + 1450ms, false});
    edges.push_back({end + 4s, true});
}

std::vector<Reading> readings_of(const std::vector<LedEdge>& edges) {
    std::vector<Reading> readings;
    const auto keep = [&](std::vector<Reading> more) {
        readings.insert(readings.end(), more.begin(), more.end());
    };
    LedReader reader(FakeClock::start() - 2600ms);
    for (const auto& edge : edges) {
        const auto at = FakeClock::start() + edge.at;
        for (auto due = reader.next_due(); due && *due < at; due = reader.next_due())
            keep(reader.waited(*due));
        keep(reader.changed(edge.lit, at));
    }
    return readings;
}

/// Without steady light and darkness.
Texts patterns(const std::vector<Reading>& readings) {
    Texts words;
    for (const auto& reading : readings)
        if (reading.sign != Sign::dark && reading.sign != Sign::lit) words.push_back(word(reading));
    return words;
}

Texts without_interrupted(Texts words) {
    std::erase(words, "interrupted");
    return words;
}

/// One session, from the kernel's light to the reboot.
struct Session : test_support::RescueSessionPlay {
    Session() {
        start.start.first = boot::Mode::reflash_from_drive;
        observer.time_goes_on_during_execution = true;
        entries.clear();
        for (int number = 1; number <= boot::mode_count; ++number)
            entries.push_back({boot::mode_from_number(number).value(), &test_support::run_work,
                               PressWhileRunning::ignored, NewDrive::tries_again});
    }
    void TestBody() override {}

    /// Ends so long after the mode has begun. Precondition: nothing is scripted before.
    static asio::awaitable<void> time_passes(FakeButton& button, milliseconds length) {
        const auto end = FakeClock::now() + length;
        button.let_time_stand_still_at(end);
        while (FakeClock::now() < end) co_await asio::post(asio::use_awaitable);
    }

    /// Code 0: it succeeds.
    void mode_ends_after(FakeButton& button, milliseconds length, int code) {
        test_support::work = [&button, length, code, this]() -> asio::awaitable<Expected<ModeOutcome>> {
            mode_began = FakeClock::since_start();
            co_await time_passes(button, length);
            if (code == 0) co_return ModeOutcome::reboot;
            co_return fail(static_cast<ErrorKind>(code), "broken");
        };
    }

    /// What a user sees, from the boot loader's light to that after the reboot.
    std::vector<LedEdge> edges_of(FakeButton& button) {
        EXPECT_EQ(run(button), ModeOutcome::reboot);
        auto edges = with_boot_loader_before(led.edges());
        add_reboot(edges, FakeClock::since_start());
        return edges;
    }

    milliseconds mode_began{};
};

Texts result(int code) {
    Texts words{"announces 4", "announces 4", "slow blinking"};
    if (code != 0) words.push_back("error " + std::to_string(code));
    return words;
}

milliseconds shortest_light(const std::vector<LedEdge>& edges) {
    auto shortest = milliseconds::max();
    for (std::size_t index = 0; index + 1 < edges.size(); ++index)
        if (edges[index].lit && !edges[index + 1].lit)
            shortest = std::min(shortest, edges[index + 1].at - edges[index].at);
    return shortest;
}

/// The last instant at which the LED goes off before `until`.
milliseconds goes_dark_last(const std::vector<LedEdge>& edges, milliseconds until) {
    milliseconds last{};
    for (const auto& edge : edges)
        if (!edge.lit && edge.at < until) last = edge.at;
    return last;
}

TEST(LedTransitions, AModeThatEndsAtAnyInstantIsReadAsRunningAndThenAsItsResult) {
    for (const auto lateness : {0ms, tick})
        for (int code = 0; code <= 5; ++code)
            for (auto length = 0ms; length <= running_phase; length += step) {
                Session session;
                session.led.lateness = lateness;
                FakeButton button(test_support::press_at(selection + length + 30s));
                session.mode_ends_after(button, length, code);
                const auto edges = session.edges_of(button);
                ASSERT_EQ(patterns(readings_of(edges)), result(code))
                    << "the mode ended with " << code << " after " << length.count() << " ms";
                ASSERT_GE(shortest_light(edges), blink) << length.count() << " ms";
            }
}

TEST(LedTransitions, EveryModesAnnouncementIsReadApartFromItsRunning) {
    for (int number = 1; number <= boot::mode_count; ++number)
        for (const int code : {0, 1, std::min(number, 5)})
            for (auto length = 0ms; length <= running_phase; length += 5 * step) {
                Session session;
                session.start.start.first = boot::mode_from_number(number).value();
                FakeButton button(test_support::press_at(1min));
                session.mode_ends_after(button, length, code);
                auto expected = result(code);
                expected[0] = expected[1] = "announces " + std::to_string(number);
                ASSERT_EQ(patterns(readings_of(session.edges_of(button))), expected)
                    << "mode " << number << " ended with " << code << " after " << length.count() << " ms";
            }
}

TEST(LedTransitions, ASuccessIsALightThatIsTooLongForABlink) {
    for (auto length = 0ms; length <= running_phase; length += step) {
        Session session;
        FakeButton button;
        session.mode_ends_after(button, length, 0);
        static_cast<void>(session.edges_of(button));
        const auto& last = session.led.edges().back();
        ASSERT_TRUE(last.lit);
        ASSERT_GE(FakeClock::since_start() - last.at, 1s) << length.count() << " ms";
    }
}

TEST(LedTransitions, AFailureIsShownSoonAfterItAndAfterALongDarkness) {
    for (auto length = 0ms; length <= running_phase; length += step) {
        Session session;
        FakeButton button(test_support::press_at(selection + length + 30s));
        session.mode_ends_after(button, length, 3);
        static_cast<void>(session.edges_of(button));
        const auto ended = session.mode_began + length;
        // Whole blinks of the running rhythm; those of the code are shorter.
        const auto& edges = session.led.edges();
        const auto code = std::ranges::adjacent_find(edges, [&](const LedEdge& on, const LedEdge& off) {
            return on.at > session.mode_began && on.lit && off.at - on.at < 300ms;
        });
        ASSERT_NE(code, edges.end());
        const auto dark_since = goes_dark_last(edges, code->at);
        ASSERT_GE(code->at - dark_since, 2s);
        ASSERT_LE(code->at - dark_since, 2s + 2 * step);
        // Two blinks at least: 0.75 s, 0.5 s, 0.5 s and 0.5 s; later the rest of one period.
        ASSERT_LE(dark_since - ended, length < 1250ms ? 2250ms : 1000ms) << length.count() << " ms";
    }
}

TEST(LedTransitions, AForcedModeIsReadWithoutAnnouncement) {
    for (int code = 0; code <= 5; ++code)
        for (auto length = 0ms; length <= 500ms + running_phase; length += 5 * step) {
            Session session;
            session.start.start.forced = boot::Mode::reflash_from_drive;
            FakeButton button(test_support::press_at(length + 30s));
            session.mode_ends_after(button, length, code);
            const auto edges = session.edges_of(button);
            auto expected = result(code);
            expected.erase(expected.begin(), expected.begin() + 2);
            ASSERT_EQ(patterns(readings_of(edges)), expected) << length.count() << " ms";
            ASSERT_GE(shortest_light(edges), blink) << length.count() << " ms";
        }
}

/// Each announcement that is read is the one that the session makes at this time, and the last two are those
/// of the mode that runs.
void expect_right_announcements(const Session& session, const std::vector<Reading>& readings) {
    std::vector<int> read;
    for (const auto& reading : readings) {
        if (reading.sign != Sign::announcement) continue;
        read.push_back(reading.blinks);
        const auto begin = FakeClock::since_start(reading.from);
        const auto& announced = session.observer.announced;
        const auto next = std::ranges::find_if(announced, [&](const auto& one) { return one.at > begin; });
        ASSERT_NE(next, announced.begin());
        ASSERT_EQ(reading.blinks, std::prev(next)->mode) << "at " << begin.count() << " ms";
    }
    ASSERT_GE(read.size(), 2U);
    const int chosen = session.observer.announced.back().mode;
    ASSERT_EQ(read[read.size() - 1], chosen);
    ASSERT_EQ(read[read.size() - 2], chosen);
}

/// Nothing but announcements before the mode runs; then error 3.
void expect_running_and_error_after_announcements(const std::vector<Reading>& readings) {
    auto words = without_interrupted(patterns(readings));
    const auto running = std::ranges::find_if_not(
        words, [](const std::string& text) { return text.starts_with("announces"); });
    ASSERT_EQ(Texts(running, words.end()), (Texts{"slow blinking", "error 3"}));
}

/// The longest darkness that began before `until`.
milliseconds longest_darkness(const std::vector<LedEdge>& edges, milliseconds until) {
    milliseconds longest{};
    for (std::size_t index = 0; index + 1 < edges.size(); ++index)
        if (!edges[index].lit && edges[index].at < until)
            longest = std::max(longest, edges[index + 1].at - edges[index].at);
    return longest;
}

void play_selection(boot::Mode first, const std::vector<test_support::ScriptedEdge>& presses) {
    Session session;
    session.start.start.first = first;
    auto script = presses;
    for (const auto& edge : test_support::press_at(10min)) script.push_back(edge);
    FakeButton button(script);
    session.mode_ends_after(button, 200ms, 3);
    const auto readings = readings_of(session.edges_of(button));
    // Much shorter than that before and after an error code, however often the button is pressed.
    ASSERT_LE(longest_darkness(session.led.edges(), session.mode_began), 1200ms);
    ASSERT_NO_FATAL_FAILURE(expect_right_announcements(session, readings));
    ASSERT_NO_FATAL_FAILURE(expect_running_and_error_after_announcements(readings));
}

TEST(LedTransitions, APressAtAnyInstantOfASelectionIsNotReadAsAnError) {
    for (int number = 1; number <= boot::mode_count; ++number) {
        const auto offer = 500ms + 2 * (1000ms + number * 400ms + 3000ms);
        for (auto at = 0ms; at < offer; at += step) {
            SCOPED_TRACE(testing::Message() << "mode " << number << ", press at " << at.count() << " ms");
            ASSERT_NO_FATAL_FAILURE(
                play_selection(boot::mode_from_number(number).value(), test_support::press_at(at)));
        }
    }
}

TEST(LedTransitions, ManyPressesAreNotReadAsAnErrorEither) {
    const auto seed = test_support::test_seed();
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    const auto between = [&](int least, int most) {
        return std::uniform_int_distribution(least, most)(random);
    };
    const test_support::SoakClock soak(0s);
    for (int run = 0; run < 3000 || !soak.is_over(); ++run) {
        SCOPED_TRACE(testing::Message() << "MOX_SEED=" << seed << ", run " << run);
        std::vector<test_support::ScriptedEdge> presses;
        milliseconds at{between(0, 4000)};
        for (int count = between(1, 25); count > 0; --count) {
            presses.push_back({at, board::ButtonEdge::pressed});
            at += milliseconds(between(1, 200));
            presses.push_back({at, board::ButtonEdge::released});
            // Often as fast as a person can press.
            at += milliseconds(between(60, between(0, 3) == 0 ? 5000 : 500));
        }
        ASSERT_NO_FATAL_FAILURE(play_selection(boot::mode_from_number(between(1, 7)).value(), presses));
    }
}

TEST(LedTransitions, APressAtAnyInstantAfterAFailureIsNotReadAsAnotherCode) {
    constexpr auto running = 1400ms;
    constexpr auto round = 2s + 5 * 500ms;
    for (int code = 1; code <= 5; ++code)
        for (auto after = 0ms; after <= 3s + 2s + 2 * round; after += step) {
            Session session;
            const auto pressed = selection + running + after;
            auto script = test_support::press_at(pressed);
            for (const auto& edge : test_support::press_at(selection + 10min)) script.push_back(edge);
            FakeButton button(script);
            session.mode_ends_after(button, running, code);
            auto words = patterns(readings_of(session.edges_of(button)));
            SCOPED_TRACE(testing::Message()
                         << "error " << code << ", press after " << after.count() << " ms");
            const bool is_before_code = words.size() == 3;
            if (is_before_code) {
                ASSERT_LT(after, 3s + 2s + round);
                words.push_back(result(code).back());
            }
            ASSERT_EQ(words, result(code));
            ASSERT_LE(FakeClock::since_start() - pressed, 3s + (after < 1s ? 10min : 0min)) << "reboots late";
        }
}

TEST(LedTransitions, ANewDriveAtAnyInstantOfAnErrorIsReadAsRunningAgain) {
    for (auto after = 0ms; after <= 2s + 2 * 3s; after += step) {
        Session session;
        FakeButton button(test_support::press_at(selection + 10min));
        session.drives.to_come = {storage::DriveRole::usb};
        session.drives.wait = [&] { return Session::time_passes(button, after); };
        test_support::work = [&]() -> asio::awaitable<Expected<ModeOutcome>> {
            co_await Session::time_passes(button, 1s);
            if (session.drives.drives.empty()) co_return fail(ErrorKind::medkit, "no medkit");
            co_return ModeOutcome::reboot;
        };
        const auto edges = session.edges_of(button);
        auto words = patterns(readings_of(edges));
        SCOPED_TRACE(testing::Message() << "new drive after " << after.count() << " ms");
        ASSERT_LE(std::ranges::count(words, "error 2"), 1);
        std::erase(words, "error 2");
        ASSERT_EQ(words, (Texts{"announces 4", "announces 4", "slow blinking", "slow blinking"}));
        ASSERT_GE(shortest_light(edges), blink);
    }
}

}  // namespace
}  // namespace mox::rescue
