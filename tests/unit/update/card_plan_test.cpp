#include <gtest/gtest.h>

#include <cerrno>

#include "update/card_plan.hpp"

namespace mox::update {
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
        EXPECT_EQ(plan.error().kind(), ErrorKind::card);
        EXPECT_NE(plan.error().describe().find("larger card"), std::string::npos);
    }
}

Error card_error(int reason) {
    return fail_errno(ErrorKind::card, "the card", reason).error();
}

constexpr CardSpace plenty{.free = 2_GiB, .needed = 300_MiB, .capacity_after_format = 4_GiB};
constexpr CardSpace full{.free = 1_MiB, .needed = 300_MiB, .capacity_after_format = 4_GiB};
constexpr CardSpace too_small{.free = 1_MiB, .needed = 300_MiB, .capacity_after_format = 299_MiB};

TEST(FailedBuild, FormatsACardThatCannotBeReadOrWritten) {
    for (const int reason : {EIO, EROFS, EUCLEAN})
        for (const auto& room : {plenty, full})
            EXPECT_EQ(after_failed_build(card_error(reason), room), AfterFailedBuild::format) << reason;
}

TEST(FailedBuild, FormatsAFullCardThatHasRoomAfterwards) {
    EXPECT_EQ(after_failed_build(card_error(ENOSPC), full), AfterFailedBuild::format);
    EXPECT_EQ(after_failed_build(card_error(ENOSPC), plenty), AfterFailedBuild::leave_old_system);
}

TEST(FailedBuild, NeverFormatsACardThatIsTooSmall) {
    for (const int reason : {EIO, EROFS, EUCLEAN, ENOSPC})
        EXPECT_EQ(after_failed_build(card_error(reason), too_small), AfterFailedBuild::leave_old_system);
}

// All error numbers of Linux, and an error that is none of a system call.
TEST(FailedBuild, LeavesTheOldSystemAfterEverythingElse) {
    for (int reason = 0; reason < 134; ++reason) {
        if (reason == EIO || reason == EROFS || reason == EUCLEAN || reason == ENOSPC) continue;
        for (const auto& room : {plenty, full})
            EXPECT_EQ(after_failed_build(card_error(reason), room), AfterFailedBuild::leave_old_system)
                << reason;
    }
    EXPECT_EQ(after_failed_build(fail(ErrorKind::card, "odd").error(), full),
              AfterFailedBuild::leave_old_system);
}

TEST(FailedBuild, LeavesTheOldSystemWhenTheMedkitsDriveHasFailed) {
    for (const auto kind : {ErrorKind::medkit, ErrorKind::internal, ErrorKind::snapshot})
        EXPECT_EQ(after_failed_build(fail_errno(kind, "the stick", EIO).error(), full),
                  AfterFailedBuild::leave_old_system);
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
}  // namespace mox::update
