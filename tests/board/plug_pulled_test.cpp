// The plug is pulled during mode 4 on a card that has to be formatted: at ten random instants, each a test of
// its own. The next power-on, without the button, enters the rescue system by itself, which finishes.
// MOX_SEED=N repeats an instant.

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::board_test {
namespace {

using led_decoder::Sign;

/// From the line that tells of the formatting to the end of the mode, on a machine that does nothing else.
constexpr std::chrono::milliseconds usual_length = 3200ms;

class PlugPulled : public RescueBoard {
protected:
    void put_together() {
        assemble_in_rescue(forcing(4));
        put_in_empty_card();
        plug_in_medkit_stick();
    }

    /// The mode runs, and the power goes `after` the restart marker has been set.
    Play is_cut_off(Clock::duration after) {
        co_await enter_forced_mode();
        co_await sees("partitioned and formatted");
        co_await wait(after);
        board().pull_plug();
    }

    /// The same while the card has no system and the restart marker is set, however fast the board is.
    Play is_cut_off_in_the_middle() {
        co_await enter_forced_mode();
        co_await sees("formatted /dev/");
        board().pull_plug();
    }

    /// From now on the boot loader alone leads into the rescue system and its mode. An environment that was
    /// cut off while it was written does not count for the boot loader, which has its own then.
    bool marker_is_set() {
        board().set_start(std::nullopt);
        const auto variables = virtual_mox::read_environment(board().setup().nor);
        return variables && variables->contains("mox_rescue_marker");
    }

    void expect_finished() {
        for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
            ADD_FAILURE() << flaw;
        const auto stored = virtual_mox::read_environment(board().setup().nor);
        if (!stored) return;  // cut off while the marker was taken away: the boot loader has its own
        const auto& variables = *stored;
        EXPECT_TRUE(variables.at("boot_targets").starts_with("mmc0 ")) << variables.at("boot_targets");
        for (const char* name : {"force_mode", "force_tries", "mox_rescue_marker", "mox_rescue_bootcmd"})
            EXPECT_FALSE(variables.contains(name)) << name;
    }
};

class PlugPulledAt : public PlugPulled, public testing::WithParamInterface<std::tuple<std::string, int>> {};

TEST_P(PlugPulledAt, ARandomInstantTheRescueSystemStartsByItselfAndFinishes) {
    const auto* given = std::getenv("MOX_SEED");
    const auto seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    std::mt19937_64 random(seed);
    // One in each tenth of the mode's length.
    const auto& [loader, number] = GetParam();
    const auto tenth = usual_length / 10;
    const auto after = tenth * number + tenth * std::uniform_int_distribution(0, 999)(random) / 1000;
    std::cout << "MOX_SEED=" << seed << ": cut " << after.count() << " ms after the card was given up\n";

    boot_loader = loader;
    put_together();
    const auto untouched = test_support::image_digest(card);
    act([&]() -> Play { co_await is_cut_off(after); });
    const bool marked = marker_is_set();
    if (!marked && test_support::image_digest(card) == untouched) {
        std::cout << "The marker was not written yet, and so nothing on the card.\n";
        return;
    }
    if (marked) {
        act([&]() -> Play {
            console().skip_to_end();
            must(co_await board().power_on());
            co_await sees("force_mode demands mode 4");
            co_await mode_ends_and_board_loses_power(4);
        });
    } else {
        std::cout << "The mode had ended already.\n";
    }
    expect_finished();
    // A boot costs time: one of them is enough to show that the card is as good as it looks.
    if (number == 0) act([&]() -> Play { co_await boots_the_card(); });
}

using BootLoaderAndTenth = std::tuple<std::string, int>;

/// The boot loaders take turns: the first one begins with the tenth `first`.
std::vector<BootLoaderAndTenth> taking_turns(std::size_t first) {
    constexpr int tenths = 10;
    std::vector<BootLoaderAndTenth> turns;
    turns.reserve(tenths);
    for (int tenth = 0; tenth < tenths; ++tenth)
        turns.emplace_back(boot_loaders[(first + static_cast<std::size_t>(tenth)) % boot_loaders.size()],
                           tenth);
    return turns;
}

INSTANTIATE_TEST_SUITE_P(Tenths, PlugPulledAt, testing::ValuesIn(taking_turns(0)));
// The other ten, which need another eight minutes of a processor: --gtest_also_run_disabled_tests.
INSTANTIATE_TEST_SUITE_P(DISABLED_OtherTenths, PlugPulledAt, testing::ValuesIn(taking_turns(1)));

TEST_F(PlugPulled, WithTheStickGoneTheRescueSystemSaysSoAndWaitsForOne) {
    put_together();
    act([&]() -> Play {
        co_await is_cut_off_in_the_middle();
        must(co_await board().pull_stick("medkit"));
    });
    ASSERT_TRUE(marker_is_set());
    act([&]() -> Play {
        console().skip_to_end();
        must(co_await board().power_on());
        co_await sees("force_mode demands mode 4");
        EXPECT_EQ(co_await error_code(), 2);
        EXPECT_TRUE(shown(console(), "no medkit found"));
    });
    plug_in_medkit_stick();
    act([&]() -> Play { co_await mode_ends_and_board_loses_power(4); });
    expect_finished();
}

TEST_F(PlugPulled, AfterThreeForcedTriesTheSelectionIsShown) {
    put_together();
    act([&]() -> Play {
        co_await is_cut_off_in_the_middle();
        EXPECT_TRUE(marker_is_set());
        for (int attempt = 1; attempt <= 3; ++attempt) {
            console().skip_to_end();
            must(co_await board().power_on());
            co_await sees("force_mode demands mode 4");
            co_await sees("executing mode 4");
            board().pull_plug();
        }
        virtual_mox::LedWatch watch(board());
        console().skip_to_end();
        must(co_await board().power_on());
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1);
    });
}

}  // namespace
}  // namespace mox::board_test
