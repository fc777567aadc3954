#include <gtest/gtest.h>

#include "modes/card_plan.hpp"

namespace mox::modes {
namespace {

using namespace unit_literals;
using storage::CardReport;
using storage::CardState;

CardReport card(CardState state, Bytes free = {}) {
    return {.state = state, .btrfs_node = "/dev/mmcblk0p1", .free = free, .reason = "no file system"};
}

TEST(CardPlan, HealthyCardWithRoomIsNeverFormatted) {
    const auto plan = plan_card(card(CardState::healthy, 300_MiB), 300_MiB, 4_GiB);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->approach, Approach::build_beside);
}

TEST(CardPlan, FullCardIsFormattedAndSaysWhatIsMissing) {
    const auto plan = plan_card(card(CardState::healthy, {(300_MiB).count - 1}), 300_MiB, 4_GiB);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->approach, Approach::format);
    EXPECT_NE(plan->reason.find("free beside the old system"), std::string::npos) << plan->reason;
}

TEST(CardPlan, CardThatIsNotOursOrDamagedIsFormattedForTheReasonThatWasFound) {
    for (const auto state : {CardState::not_ours, CardState::damaged}) {
        const auto plan = plan_card(card(state, 4_GiB), 300_MiB, 4_GiB);
        ASSERT_TRUE(plan);
        EXPECT_EQ(plan->approach, Approach::format);
        EXPECT_EQ(plan->reason, "no file system");
    }
}

TEST(CardPlan, MedkitThatDoesNotEvenFitAnEmptyCardIsRefusedWhateverIsOnTheCard) {
    for (const auto state : {CardState::healthy, CardState::not_ours, CardState::damaged}) {
        const auto plan = plan_card(card(state, 4_GiB), {(1_GiB).count + 1}, 1_GiB);
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().kind(), ErrorKind::medkit);
        EXPECT_NE(plan.error().describe().find("larger card"), std::string::npos);
    }
}

TEST(SpaceNeeded, CountsFilesEntriesAndTheExtraArchive) {
    medkit::VerifiedMedkit medkit;
    medkit.base.summary.unpacked = 200_MiB;
    medkit.base.summary.entries = 10'000;
    const auto without = space_needed(medkit);
    EXPECT_GT(without, 300_MiB);
    medkit.extra.emplace();
    medkit.extra->summary.unpacked = 50_MiB;
    EXPECT_EQ(space_needed(medkit), without + 50_MiB);
}

}  // namespace
}  // namespace mox::modes
