// Re-flash of a card that must be formatted, cut off at random: the next run finishes. See
// docs/restart-contracts.md.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <random>
#include <vector>

#include "support/card_images.hpp"
#include "support/power_cut.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"

namespace mox::test_support {
namespace {

constexpr std::size_t cuts_of_each_kind = 5;

std::vector<Cut> plan_cuts(std::span<const LoggedWrite> log, std::mt19937_64& random) {
    std::vector<Cut> cuts;
    std::ranges::sample(cuts_at_flushes(log), std::back_inserter(cuts), cuts_of_each_kind, random);
    std::ranges::copy(cuts_at_random(log, cuts_of_each_kind, random), std::back_inserter(cuts));
    std::ranges::copy(cuts_with_lost_writes(log, cuts_of_each_kind, random), std::back_inserter(cuts));
    std::ranges::stable_sort(cuts, {}, &Cut::durable);
    return cuts;
}

TEST(PowerCutWhileFormatting, TheNextRunFinishesWhereverItWasCutOff) {
    const RescueTable table;
    const auto card = table.folder() / "card.img";
    make_damaged_card(card, card_size, Damage::trees);
    const auto stick = table.folder() / "stick.img";
    make_disk(stick, {64 << 20}, Table::dos);
    make_filesystem(stick, Table::dos, "ext4", table.content());

    const AttachedImage attached(stick);
    RecordedCard recording(card, table.folder().path(), [&](const std::filesystem::path& node) {
        const auto result = run_mode_4(MOX_RESCUE_PROGRAM, table.keys(), node, attached.node());
        ASSERT_EQ(result.exit_status, 0) << result.output;
        ASSERT_TRUE(result.output.contains("formatted /dev/")) << result.output;
    });
    ASSERT_FALSE(HasFatalFailure());

    const char* given = std::getenv("MOX_SEED");
    const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    std::cout << "MOX_SEED=" << seed << ", " << recording.log().size() << " requests to the card\n";
    std::mt19937_64 random(seed);
    const auto copy = table.folder() / "cut.img";
    for (const auto& cut : plan_cuts(recording.log(), random)) {
        SCOPED_TRACE("power cut at " + to_text(cut, recording.log().size()));
        recording.write_card_at(cut, copy);
        const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table.keys(), copy, stick);
        ASSERT_EQ(result.exit_status, 0) << result.output;
        for (const auto& flaw : flaws_of_flashed_card(copy, table.description()))
            ADD_FAILURE() << flaw << "\n" << result.output;
        for (const auto& flaw : flaws_of_partition_table(copy)) ADD_FAILURE() << flaw;
        ASSERT_FALSE(HasFailure()) << "one is enough: MOX_SEED=" << seed;
    }
}

}  // namespace
}  // namespace mox::test_support
