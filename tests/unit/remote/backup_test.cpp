#include "remote/backup.hpp"

#include <gtest/gtest.h>

#include "remote/leftovers.hpp"

namespace mox::remote {
namespace {

const std::string system_a(32, 'a');
const std::string system_b(32, 'b');

std::vector<RemoteFile> files(const std::vector<std::pair<std::string, std::uint64_t>>& listed) {
    std::vector<RemoteFile> result;
    result.reserve(listed.size());
    for (const auto& [name, size] : listed) result.push_back({name, Bytes{size}});
    return result;
}

TEST(RemoteBackup, OriginIsReadAsItWasWritten) {
    Origin origin{.system = {system_a, system_b},
                  .snapshot = std::string(32, 'c'),
                  .number = snapshots::Number{7},
                  .by = UploadedBy::sync,
                  .size = Bytes{1234},
                  .sha256 = medkit::Sha256Digest{1, 2, 3}};
    snapshots::SnapshotInfo info;
    info.description = "before the update";
    info.other = {{"MINE", "kept"}, {"BACKUP_NUMBER", "99"}};
    const auto text = snapshots::format_info(with_origin(info, origin));
    const auto read = snapshots::parse_info(text);
    EXPECT_EQ(read.warning, "");
    const auto again = origin_in(read);
    EXPECT_EQ(again.system, origin.system);
    EXPECT_EQ(again.snapshot, origin.snapshot);
    EXPECT_EQ(again.number, origin.number);
    EXPECT_EQ(again.by, UploadedBy::sync);
    EXPECT_EQ(again.size, origin.size);
    EXPECT_EQ(again.sha256, origin.sha256);
    EXPECT_EQ(without_origin(read).other,
              (std::vector<std::pair<std::string, std::string>>{{"MINE", "kept"}}));
}

TEST(RemoteBackup, OriginIsNotLostAmongUnknownLines) {
    snapshots::SnapshotInfo info;
    for (int i = 0; i < 100; ++i) info.other.emplace_back("KEY_" + std::to_string(i), "x");
    const Origin origin{.system = {system_a, system_b}, .sha256 = medkit::Sha256Digest{1}};
    const auto again = origin_in(snapshots::parse_info(snapshots::format_info(with_origin(info, origin))));
    EXPECT_EQ(again.system, origin.system);
    EXPECT_EQ(again.sha256, origin.sha256);
}

TEST(RemoteBackup, AnOriginThatIsNotValidCountsAsNone) {
    const auto origin =
        origin_in(snapshots::parse_info("BACKUP_SYSTEM=\"$(reboot)\"\nBACKUP_FACTORY=12\nBACKUP_SNAPSHOT=../"
                                        "x\nBACKUP_NUMBER=-1\nBACKUP_SIZE=1e9\n"
                                        "BACKUP_SHA256=00\nBACKUP_BY=SYNC\n"));
    EXPECT_EQ(origin.system, SystemId{});
    EXPECT_EQ(origin.snapshot, "");
    EXPECT_FALSE(origin.number || origin.size || origin.sha256);
    EXPECT_EQ(origin.by, UploadedBy::user);
}

TEST(RemoteBackup, CountsOnlyWithItsWholeArchive) {
    const std::string told = "BACKUP_SIZE=10\n";
    const auto flaw = [&](const std::vector<std::pair<std::string, std::uint64_t>>& listed,
                          const std::string& text) { return backup_in(files(listed), "x-3", text).flaw; };
    EXPECT_EQ(flaw({{"x-3.tar.gz", 10}}, told), "");
    EXPECT_EQ(flaw({{"x-3.tar.gz.gpg", 10}}, told), "");
    EXPECT_EQ(flaw({{"x-3.tar.gz", 9}}, told), "its archive has 9 bytes in place of 10");
    EXPECT_EQ(flaw({{"x-3.tar.gz", 9}}, ""), "");
    EXPECT_EQ(flaw({{"x-3.tar.gz", 0}}, ""), "its archive is empty");
    EXPECT_EQ(flaw({{"x-3.tar", 10}}, told), "its archive is missing");
    EXPECT_TRUE(
        flaw({{"x-3.tar.gz", 10}, {"x-3.tar.gz.gpg", 10}}, told).contains("a plain and an encrypted"));
    EXPECT_EQ(backup_in(files({}), "mox-medkit-turris-12", "").number(), snapshots::Number{12});
    EXPECT_EQ(backup_in(files({}), "x-3", "BACKUP_NUMBER=4\n").number(), snapshots::Number{4});
    EXPECT_EQ(backup_in(files({}), "mox-medkit-turris-20261122-182405", "").number(),
              snapshots::Number{182405});
    EXPECT_EQ(backup_in(files({}), "nothing", "").number(), std::nullopt);
}

TEST(RemoteBackup, ANumberThatIsUsedAgainGetsAnotherName) {
    EXPECT_EQ(free_name(files({{"h-30.info", 1}}), "h-3", system_a), "h-3");
    EXPECT_EQ(free_name(files({{"h-3.info", 1}}), "h-3", system_a), "h-aaaaaaaa-3");
    EXPECT_EQ(free_name(files({{"h-3.tar.gz", 1}, {"h-aaaaaaaa-3.info", 1}}), "h-3", system_a),
              "h-aaaaaaaaaaaaaaaa-3");
    EXPECT_EQ(free_name(files({{"h-3.info", 1}}), "h-3", ""), std::nullopt);
}

TEST(RemoteBackup, IsFoundByNumberOrName) {
    const SystemId own{system_a, system_b};
    const auto backup = [](const std::string& name, const std::string& system, std::uint32_t number) {
        Backup result{.name = name, .archive = name + ".tar.gz", .info = {}, .origin = {}};
        result.origin.system = {system, system_b};
        result.origin.number = snapshots::Number{number};
        return result;
    };
    std::vector<Backup> backups{backup("h-3", system_b, 3), backup("h-aaaaaaaa-3", system_a, 3),
                                backup("h-4", system_b, 4), backup("g-4", system_b, 4),
                                backup("5", system_b, 8),   backup("h-5", system_b, 5)};
    EXPECT_EQ(backup_named(backups, "3", own)->name, "h-aaaaaaaa-3");
    EXPECT_EQ(backup_named(backups, "h-3", own)->name, "h-3");
    EXPECT_EQ(backup_named(backups, "5", own)->name, "5");
    EXPECT_TRUE(backup_named(backups, "4", own).error().describe().contains("h-4, g-4"));
    EXPECT_FALSE(backup_named(backups, "9", own));
    backups.front().flaw = "its archive is empty";
    EXPECT_TRUE(backup_named(backups, "h-3", own).error().describe().contains("its archive is empty"));
}

TEST(Leftovers, AreOnlyThoseOfThisSystemInASafeOrder) {
    const auto a = [](const std::string& name) { return name_while_incomplete(name, system_a); };
    const auto listed = [](std::vector<std::string> names) {
        std::vector<RemoteFile> result;
        result.reserve(names.size());
        for (auto& name : names) result.push_back({std::move(name), Bytes{1}});
        return leftovers(result, system_a);
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(listed({"h-3.tar.gz", "h-3.tar.gz.sha256", "h-3.info", "h-4.tar.gz", "x"}), Names{});
    EXPECT_EQ(listed({name_while_incomplete("h-3.tar.gz", system_b),
                      name_while_incomplete("h-4.info", system_b), "h-4.tar.gz"}),
              Names{});
    EXPECT_EQ(listed({a("h-3.tar.gz")}), Names{a("h-3.tar.gz")});
    // The archive that has the name already is another one's.
    EXPECT_EQ(listed({a("h-3.tar.gz"), a("h-3.info"), "h-3.tar.gz"}),
              (Names{a("h-3.info"), a("h-3.tar.gz")}));
    EXPECT_EQ(listed({a("h-3.info"), "h-3.tar.gz", "h-3.tar.gz.sha256", "h-30.tar.gz"}),
              (Names{"h-3.tar.gz", "h-3.tar.gz.sha256", a("h-3.info")}));
    EXPECT_EQ(listed({a("h-3.info"), "h-3.info", "h-3.tar.gz"}), Names{a("h-3.info")});
    EXPECT_EQ(listed({a("h-3.info"), "h-3.tar.gz.gpg"}), (Names{"h-3.tar.gz.gpg", a("h-3.info")}));
}

}  // namespace
}  // namespace mox::remote
