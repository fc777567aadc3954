#include <gtest/gtest.h>

#include <vector>

#include "snapshots/compare_candidates.hpp"

namespace mox::snapshots {
namespace {

constexpr storage::Uuid subvolume(std::uint8_t number) {
    storage::Uuid uuid{};
    uuid[15] = number;
    return uuid;
}

constexpr SubvolumeOrigin made_new(std::uint8_t number, std::uint64_t transaction) {
    return {.uuid = subvolume(number), .parent = {}, .snapshotted_at = transaction};
}

constexpr SubvolumeOrigin snapshot(std::uint8_t number, std::uint8_t of, std::uint64_t transaction) {
    return {.uuid = subvolume(number), .parent = subvolume(of), .snapshotted_at = transaction};
}

using Known = std::vector<SubvolumeOrigin>;

TEST(CommonTransaction, OfASnapshotAndItsSourceIsThatOfTheSnapshot) {
    const Known known{made_new(1, 7), snapshot(2, 1, 20)};
    EXPECT_EQ(common_transaction(known, subvolume(1), subvolume(2)), 20U);
    EXPECT_EQ(common_transaction(known, subvolume(2), subvolume(1)), 20U);
}

TEST(CommonTransaction, OfTwoSnapshotsOfOneSourceIsThatOfTheOlder) {
    const Known known{made_new(1, 7), snapshot(2, 1, 20), snapshot(3, 1, 30)};
    EXPECT_EQ(common_transaction(known, subvolume(2), subvolume(3)), 20U);
    EXPECT_EQ(common_transaction(known, subvolume(3), subvolume(2)), 20U);
}

TEST(CommonTransaction, OfSiblingsNeedsNoSource) {
    const Known known{snapshot(2, 1, 20), snapshot(3, 1, 30)};
    EXPECT_EQ(common_transaction(known, subvolume(2), subvolume(3)), 20U);
}

TEST(CommonTransaction, LooksThroughARollback) {
    // 1 was the root; 2 and 3 its snapshots; the rollback made 4 of 2; 5 is a snapshot of the new root.
    const Known known{made_new(1, 7), snapshot(2, 1, 20), snapshot(3, 1, 30), snapshot(4, 2, 40),
                      snapshot(5, 4, 50)};
    EXPECT_EQ(common_transaction(known, subvolume(4), subvolume(5)), 50U);
    EXPECT_EQ(common_transaction(known, subvolume(2), subvolume(5)), 40U);
    EXPECT_EQ(common_transaction(known, subvolume(1), subvolume(5)), 20U);
    EXPECT_EQ(common_transaction(known, subvolume(3), subvolume(5)), 20U);
    EXPECT_EQ(common_transaction(known, subvolume(5), subvolume(3)), 20U);
}

TEST(CommonTransaction, TakesTheEarlierOneWhenTheSourceOfBothLinesIsASnapshotThatWasWrittenTo) {
    // 2 is a writable snapshot of 1, changed until 40, when 3 was made of it; 4 was made of 1 later.
    const Known known{made_new(1, 7), snapshot(2, 1, 20), snapshot(3, 2, 40), snapshot(4, 1, 60)};
    EXPECT_EQ(common_transaction(known, subvolume(3), subvolume(4)), 20U);
}

TEST(CommonTransaction, IsUnknownWhenALineIsBroken) {
    const Known known{made_new(1, 7), snapshot(3, 1, 30), snapshot(4, 2, 40)};  // 2 was deleted
    EXPECT_EQ(common_transaction(known, subvolume(3), subvolume(4)), std::nullopt);
}

TEST(CommonTransaction, IsUnknownForStrangers) {
    const Known known{made_new(1, 7), made_new(2, 8)};
    EXPECT_EQ(common_transaction(known, subvolume(1), subvolume(2)), std::nullopt);
    EXPECT_EQ(common_transaction(known, subvolume(8), subvolume(9)), std::nullopt);
}

TEST(CommonTransaction, OfASubvolumeAndItselfIsNever) {
    const Known known{made_new(1, 7)};
    EXPECT_EQ(common_transaction(known, subvolume(1), subvolume(1)), never);
}

TEST(CommonTransaction, IsUnknownForSubvolumesWithoutAUuid) {
    const Known known{made_new(0, 7)};
    EXPECT_EQ(common_transaction(known, subvolume(0), subvolume(0)), std::nullopt);
}

TEST(CommonTransaction, EndsOnACircle) {
    const Known known{snapshot(1, 2, 10), snapshot(2, 1, 20), made_new(3, 30)};
    EXPECT_EQ(common_transaction(known, subvolume(1), subvolume(3)), std::nullopt);
}

}  // namespace
}  // namespace mox::snapshots
