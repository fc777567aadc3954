#include "remote/sync_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mox::remote {
namespace {

const std::string id_1(32, '1');
const std::string id_2(32, '2');
const SystemId own{std::string(32, 'a'), std::string(32, 'b')};
const SystemId reflashed{own.file_system, std::string(32, 'c')};
const SystemId other{std::string(32, 'd'), own.factory};
const SystemId unknown{};
const SystemId without_factory{own.file_system, ""};

using enum snapshots::SnapshotType;

TEST(SyncPolicy, RemovesOnlyWhatItHasUploadedInThisLife) {
    int removed = 0;
    // All combinations of what a backup may say and of what is on the card.
    for (const auto& system : {own, reflashed, other, unknown, without_factory})
        for (const auto& here : {own, without_factory})
            for (const auto by : {UploadedBy::sync, UploadedBy::user})
                for (const auto& snapshot : {std::string(), id_1, id_2})
                    for (const bool usable : {true, false})
                        for (const bool keep_forever : {true, false})
                            for (const int cards : {0, 1, 2}) {
                                Backup backup{.name = "x", .archive = "x.tar.gz", .info = {}, .origin = {}};
                                backup.origin = {.system = system, .snapshot = snapshot, .by = by};
                                if (!usable) backup.flaw = "its archive is missing";
                                std::vector<LocalSnapshot> local;
                                if (cards > 0) local.push_back({{1}, time, id_1, cards == 1});
                                const auto plan = plan_sync(local, {backup}, here,
                                                            {.types = {}, .keep_forever = keep_forever});
                                const bool expected = system == own && here == own &&
                                                      by == UploadedBy::sync && snapshot == id_2 &&
                                                      !keep_forever && cards > 0;
                                EXPECT_EQ(plan.remove.size(), expected ? 1U : 0U)
                                    << system.file_system << " " << system.factory << " " << snapshot
                                    << cards;
                                removed += static_cast<int>(plan.remove.size());
                            }
    EXPECT_EQ(removed, 4) << "the case in which something is removed was not there";
}

TEST(SyncPolicy, UploadsWhatHasNoCompleteBackupOfThisSystem) {
    for (const auto& system : {own, reflashed, other, unknown})
        for (const auto& snapshot : {std::string(), id_1, id_2})
            for (const bool usable : {true, false}) {
                Backup backup{.name = "x-1", .archive = "x-1.tar.gz", .info = {}, .origin = {}};
                backup.origin = {.system = system, .snapshot = snapshot, .number = snapshots::Number{1}};
                if (!usable) backup.flaw = "its archive is missing";
                const auto plan = plan_sync({{{1}, time, id_1}}, {backup}, own, {.types = {time}});
                const bool is_there = system.file_system == own.file_system && snapshot == id_1 && usable;
                EXPECT_EQ(plan.upload.size(), is_there ? 0U : 1U);
            }
}

TEST(SyncPolicy, UploadsUsableSnapshotsOfTheTypesInOrder) {
    const std::vector<LocalSnapshot> local{{{9}, time, id_1},
                                           {{2}, pre, id_2},
                                           {{3}, single, std::string(32, '3')},
                                           {{4}, time, std::string(32, '4'), false}};
    EXPECT_EQ(plan_sync(local, {}, own, {.types = {pre, time}}).upload,
              (std::vector<snapshots::Number>{{2}, {9}}));
    EXPECT_TRUE(plan_sync(local, {}, own, {}).upload.empty());
}

}  // namespace
}  // namespace mox::remote
