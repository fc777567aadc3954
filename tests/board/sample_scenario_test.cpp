// The sample scenario of the user manual, row by row, on the virtual MOX: from the power adapter to the login
// of the new system.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "board/demo_card.hpp"
#include "board/led_rhythm.hpp"
#include "board/rescue_board.hpp"
#include "support/rescue_run_card.hpp"

namespace mox::board_test {
namespace {

using led_decoder::Reading;
using led_decoder::Sign;
using virtual_mox::LedWatch;
using Seconds = std::chrono::duration<double>;

/// The manual: the LED's times within 10 %, by the board's own clock.
constexpr double tolerance = 0.10;
/// The slow blinking comes from a board that works at the same time. On a busy host its processors get less
/// of the board's time than they need.
constexpr double tolerance_at_work = 0.25;
constexpr Seconds held_up = 60ms;  ///< a single one may be late by what else the board does

/// "Rescue image started": the LED is on for so long at least before the first announcement.
constexpr auto least_lead_in = 450ms;

/// From the kernel's start to the LED going dark for the first announcement.
constexpr Seconds longest_start = 1500ms;

struct WhatWasSeen {
    /// 2018.11 does not show on the LED that it has seen the button.
    std::optional<virtual_mox::EnteredRescue> boot_loader;
    virtual_mox::Announcements announcements;
    std::vector<Reading> readings;
    Clock::time_point executing;
    Clock::time_point done;  ///< by the board's clock, as the readings
};

class SampleScenario : public RescueBoard {
protected:
    /// Rows 1 to 17 of the manual's table, and on to the automatic reboot, at which the board loses its
    /// power.
    asio::awaitable<WhatWasSeen> plays_the_manual() {
        WhatWasSeen seen;
        LedWatch watch(board());
        if (boot_loader == boot_loaders.front())
            seen.boot_loader = must(co_await virtual_mox::enter_rescue(board()));
        else
            co_await holds_the_button_until_the_kernel_starts();
        seen.announcements =
            must(co_await virtual_mox::choose_mode(board(), watch, led_decoder::UserModel{}));
        seen.executing = must(co_await watch.until(Sign::slow_blinking, boot_patience)).from;
        seen.readings = watch.seen();
        static_cast<void>(co_await mode_ends_and_board_loses_power(4));
        seen.done = board().board_clock();
        co_return seen;
    }

    Play holds_the_button_until_the_kernel_starts() {
        must(co_await board().press());
        must(co_await board().power_on());
        co_await sees("Starting kernel");
        must(co_await board().release());
    }

    void check_rows(const WhatWasSeen& seen) {
        EXPECT_EQ(seen.announcements, (virtual_mox::Announcements{1, 2, 3, 3, 4, 4}));
        if (seen.boot_loader) check_boot_loader(seen);
    }

    void check_boot_loader(const WhatWasSeen& seen) {
        EXPECT_NEAR(Seconds(seen.boot_loader->lit_for).count(), 1.0, 0.15);
        // On (button held), off (kernel), on (rescue image), then the announcements.
        const auto& edges = board().led_edges();
        const auto first = edges.begin();
        for (unsigned edge = 0; edge < 4; ++edge) EXPECT_EQ(edges[first + edge].lit, edge % 2 == 0) << edge;
        EXPECT_GE(edges[first + 3].board_time - edges[first + 2].board_time, least_lead_in);
    }

    void check_rhythm(const WhatWasSeen& seen) {
        const auto first = std::ranges::find(seen.readings, Sign::announcement, &Reading::sign);
        ASSERT_NE(first, seen.readings.end());
        EXPECT_EQ(std::ranges::count(first, seen.readings.end(), Sign::dark, &Reading::sign), 0)
            << "the manual's table has no such row";
        // The mode may be done sooner than its slow blinking is measured for.
        const auto until = std::min(seen.executing + 4s, seen.done);
        // The darkness between the last announcement and the work lasts until the mode has begun.
        auto parts = measure_rhythm(board().led_edges(), board().button_edges(), first->from,
                                    seen.executing - std::chrono::milliseconds(1));
        const auto at_work =
            measure_rhythm(board().led_edges(), board().button_edges(), seen.executing, until);
        for (std::size_t i = 0; i < parts.size(); ++i)
            parts[i].measured.insert(parts[i].measured.end(), at_work[i].measured.begin(),
                                     at_work[i].measured.end());
        for (const auto& part : parts) {
            std::cout << "LED: " << to_text(part) << "\n";
            if (part.nominal == 0ms) {
                EXPECT_TRUE(part.measured.empty()) << to_text(part);
                continue;
            }
            // The light of a mode that is done is seen only if that was within the time that is measured.
            if (part.name == "done" && part.measured.empty()) continue;
            ASSERT_FALSE(part.measured.empty()) << part.name;
            const Seconds nominal = part.nominal;
            const auto allowed =
                nominal.count() * (part.name == "slow blink" ? tolerance_at_work : tolerance);
            EXPECT_NEAR(median(part).count(), nominal.count(), allowed) << part.name;
            for (const auto length : part.measured)
                EXPECT_NEAR(length.count(), nominal.count(), allowed + held_up.count()) << part.name;
        }
    }

    /// From the kernel's start, at power-on, to the LED going dark for the first announcement.
    asio::awaitable<Seconds> starts_rescue() {
        auto& edges = board().led_edges();
        must(co_await board().power_on());
        if (!co_await edges.reaches(1, Clock::now() + boot_patience) || !edges[0].lit || edges[1].lit)
            throw std::runtime_error("no announcement");
        board().pull_plug();
        co_return edges[1].board_time;
    }
};

class SampleScenarioWith : public SampleScenario, public testing::WithParamInterface<std::string> {};

TEST_P(SampleScenarioWith, FromThePowerAdapterToTheLoginOfTheNewSystem) {
    boot_loader = GetParam();
    assemble();
    put_in_card_with_demo_system();
    plug_in_medkit_stick(disk_images::StickFilesystem::fat32);
    WhatWasSeen seen;
    act([&]() -> Play { seen = co_await plays_the_manual(); });
    check_rows(seen);
    check_rhythm(seen);
    for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
        ADD_FAILURE() << flaw;

    act([&]() -> Play {
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(new_version) + "\r\n");
        EXPECT_EQ(co_await says("ls /root"), "");
    });
    std::cout << "Power-on to login of the new system: "
              << Seconds(Clock::now() - board().powered_on_at()).count() << " s\n";
}

INSTANTIATE_TEST_SUITE_P(BootLoaders, SampleScenarioWith, testing::ValuesIn(boot_loaders));

TEST_F(SampleScenario, FirstAnnouncementComesSoonAfterTheKernelsStart) {
    exact_time = true;
    assemble_in_rescue();
    put_in_empty_card();
    Seconds start{};
    act([&]() -> Play { start = co_await starts_rescue(); });
    std::cout << "Kernel start to first announcement: " << start.count() << " s\n";
    EXPECT_LE(start, longest_start);
}

}  // namespace
}  // namespace mox::board_test
