#include "medkit/entry_policy.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "support/hash_collisions.hpp"
#include "unit/medkit/entry_policy_archive.hpp"

namespace mox::medkit {

namespace {

using namespace mox::unit_literals;

TEST(EntryPolicy, AcceptsATreeAsTarMakesIt) {
    Archive archive;
    archive.directory("./").directory("./bin/").file("./bin/busybox", 100);
    archive.symlink("./bin/sh", "busybox").hard_link("./bin/ash", "./bin/busybox");
    archive.symlink("./etc", "/somewhere/else");
    EXPECT_EQ(archive.policy.entries(), 6U);
    EXPECT_EQ(archive.policy.unpacked(), 100_B);
    EXPECT_TRUE(archive.policy.contents().holds_filled_file("bin/ash"));
}

TEST(EntryPolicy, KnowsAPathInAllItsSpellings) {
    EXPECT_EQ(normal_path("./a//b/./c/"), "a/b/c");
    EXPECT_EQ(normal_path("a/b/c"), "a/b/c");
    EXPECT_EQ(normal_path("./"), "");
    EXPECT_EQ(normal_path("..a/b..c/..."), "..a/b..c/...");
}

TEST(EntryPolicy, RejectsPathsThatLeaveTheRoot) {
    Archive archive;
    archive.rejects_file("/etc/passwd", "absolute");
    archive.rejects_file("../etc/passwd", "upwards");
    archive.rejects_file("a/../../b", "upwards");
    archive.rejects_file("./..", "upwards");
    archive.rejects_file("a/..", "upwards");
}

TEST(EntryPolicy, RejectsPathsThatCannotBeNames) {
    Archive archive;
    archive.rejects_file("", "empty");
    archive.rejects_file(std::string_view("a\0b", 3), "NUL");
    archive.rejects_file(std::string(256, 'x'), "longer than 255");
    std::string deep;
    while (deep.size() < 4096) deep += "directory/";
    archive.rejects_file(deep + "x", "longer than 4095");
    archive.file(std::string(255, 'x'));
}

TEST(EntryPolicy, RejectsAPathThroughASymlinkOfTheArchive) {
    Archive archive;
    archive.symlink("./lib", "/usr/lib").directory("./a").symlink("./a/b", "../../outside");
    archive.rejects_file("./lib/evil", "symbolic link \"lib\"");
    archive.rejects_file("a/b/c/d", "symbolic link \"a/b\"");
    archive.rejects(Archive::entry("lib/x", EntryKind::directory), "symbolic link");
}

TEST(EntryPolicy, AcceptsThatADirectoryReplacesASymlinkAndIsThenUsed) {
    Archive archive;
    archive.symlink("lib", "/usr/lib").directory("lib").file("lib/good");
}

TEST(EntryPolicy, RejectsASymlinkThatReplacesADirectoryWithContent) {
    Archive archive;
    archive.directory("etc").file("etc/passwd");
    archive.rejects(Archive::entry("etc", EntryKind::symlink, "/"), "not empty");
}

TEST(EntryPolicy, RejectsAPathThroughAFile) {
    Archive archive;
    archive.file("bin");
    archive.rejects_file("bin/sh", "not a directory");
}

TEST(EntryPolicy, LetsALaterEntryReplaceAnEarlierOne) {
    Archive archive;
    archive.file("boot/Image", 5).file("boot/Image", 0);
    EXPECT_FALSE(archive.policy.contents().holds_filled_file("boot/Image"));
}

TEST(EntryPolicy, RejectsHardLinksToAnythingButAnEarlierFile) {
    Archive archive;
    archive.file("file").directory("directory").symlink("symlink", "/nowhere");
    archive.rejects_hard_link("x", "/etc/passwd", "absolute");
    archive.rejects_hard_link("x", "../outside", "upwards");
    archive.rejects_hard_link("x", "later", "not an earlier file");
    archive.rejects_hard_link("x", "directory", "not an earlier file");
    archive.rejects_hard_link("x", "symlink/file", "symbolic link");
    archive.rejects_hard_link("x", "", "empty");
    archive.rejects_hard_link("file", "./file", "to itself");
}

TEST(EntryPolicy, AcceptsHardLinksToSymlinksAndDevices) {
    Archive archive;
    archive.symlink("a", "busybox").hard_link("b", "a").hard_link("c", "b");
    EXPECT_EQ(archive.policy.contents().find("c"), NodeKind::symlink);
    EXPECT_EQ(archive.policy.contents().symlink_target("c"), "busybox");
    EXPECT_EQ(archive.policy.contents().names_of("a"), 3U);
    ASSERT_TRUE(archive.policy.accept(Archive::entry("console", EntryKind::character_device)));
    archive.hard_link("console2", "console");
    archive.symlink("a", "other");
    EXPECT_EQ(archive.policy.contents().symlink_target("b"), "busybox");
}

/// A system whose /lib is a link, and an extra archive that packs it as a directory.
class UsrMerged : public ::testing::Test {
protected:
    UsrMerged() {
        base_.directory("usr").directory("usr/lib").file("usr/lib/ld.so").symlink("lib", "usr/lib");
    }

    [[nodiscard]] Archive extra() const {
        return Archive({.capacity = 1_MiB, .required_files = {}, .unpacked_over = &base_.policy.contents()});
    }

    static AcceptedEntry accept(Archive& archive, const EntryDescription& entry) {
        auto accepted = archive.policy.accept(entry);
        EXPECT_TRUE(accepted) << accepted.error().describe();
        return accepted.value_or(AcceptedEntry{});
    }

    Archive base_;
};

TEST_F(UsrMerged, ADirectoryGoesThroughTheLink) {
    auto archive = extra();
    const auto lib = accept(archive, Archive::entry("./lib/", EntryKind::directory));
    EXPECT_TRUE(lib.is_followed_link);
    EXPECT_EQ(lib.path, "usr/lib");
    EXPECT_EQ(accept(archive, Archive::entry("lib/modules", EntryKind::directory)).path, "usr/lib/modules");
    EXPECT_EQ(accept(archive, Archive::entry("lib/modules/x.ko", EntryKind::regular)).path,
              "usr/lib/modules/x.ko");
    const auto link = accept(archive, Archive::entry("lib/y.ko", EntryKind::hard_link, "lib/modules/x.ko"));
    EXPECT_EQ(link.path, "usr/lib/y.ko");
    EXPECT_EQ(link.link_target, "usr/lib/modules/x.ko");
    EXPECT_EQ(archive.policy.contents().find("lib"), NodeKind::symlink);
    ASSERT_NE(archive.policy.followed_links().find("lib"), nullptr);
    EXPECT_EQ(archive.policy.followed_links().find("lib")->directory, "usr/lib");
    archive.rejects(Archive::entry("lib", EntryKind::symlink, "elsewhere"),
                    "would replace the symbolic link");
}

TEST_F(UsrMerged, ADirectoryThatIsOnlyImpliedGoesThroughItToo) {
    auto archive = extra();
    EXPECT_EQ(accept(archive, Archive::entry("lib/modules/x.ko", EntryKind::regular)).path,
              "usr/lib/modules/x.ko");
}

TEST_F(UsrMerged, AChainOfLinksIsFollowedToItsEnd) {
    base_.directory("a").symlink("a/up", "../lib").symlink("b", "/a/up");
    auto archive = extra();
    EXPECT_TRUE(accept(archive, Archive::entry("b", EntryKind::directory)).is_followed_link);
    EXPECT_EQ(accept(archive, Archive::entry("b/x", EntryKind::regular)).path, "usr/lib/x");
}

TEST_F(UsrMerged, ALinkThatLeadsToNoDirectoryOfTheSystemIsNotReplaced) {
    base_.symlink("out", "../../lib").symlink("loop", "loop").symlink("file", "usr/lib/ld.so");
    base_.symlink("nowhere", "usr/lib64");
    auto archive = extra();
    archive.rejects(Archive::entry("out", EntryKind::directory), "leads out of the system");
    archive.rejects(Archive::entry("loop", EntryKind::directory), "leads in a circle");
    archive.rejects(Archive::entry("file", EntryKind::directory), "does not lead to a directory");
    archive.rejects(Archive::entry("nowhere", EntryKind::directory), "leads to nothing");
    archive.rejects_file("out/x", "leads out of the system");
    archive.rejects_file("nowhere/x", "leads to nothing");
}

TEST_F(UsrMerged, TheSameHoldsWithinOneArchive) {
    EXPECT_TRUE(accept(base_, Archive::entry("lib", EntryKind::directory)).is_followed_link);
    EXPECT_EQ(accept(base_, Archive::entry("lib/x", EntryKind::regular)).path, "usr/lib/x");
    base_.symlink("bin", "usr/bin").directory("bin").directory("usr/bin");
    ASSERT_FALSE(base_.policy.finish());
    EXPECT_NE(base_.policy.finish().error().describe().find("bin: a directory would replace"),
              std::string::npos);
}

/// etc/schnapps/config is written by the installation.
class WrittenFiles : public ::testing::Test {
protected:
    void expect(const Archive& archive, std::string_view reason) {
        const auto result = archive.policy.finish();
        if (reason.empty()) {
            EXPECT_TRUE(result) << result.error().describe();
            return;
        }
        ASSERT_FALSE(result) << reason;
        EXPECT_EQ(result.error().kind(), ErrorKind::medkit);
        EXPECT_NE(result.error().describe().find(reason), std::string::npos) << result.error().describe();
    }

    const ArchiveRules rules_{
        .capacity = 1_MiB, .required_files = {}, .written_files = {"etc/schnapps/config"}};
};

TEST_F(WrittenFiles, MustBeWritable) {
    expect(Archive(rules_), {});
    expect(Archive(rules_).directory("etc").file("etc/schnapps/config"), {});
    expect(Archive(rules_).directory("usr/etc").symlink("etc", "usr/etc"), {});
    expect(Archive(rules_).directory("etc").directory("data").symlink("etc/schnapps", "/data"), {});
    expect(Archive(rules_).symlink("etc/schnapps/config", "/nowhere"), {});
    expect(Archive(rules_).file("etc"), "etc is not a directory, but the installation writes");
    expect(Archive(rules_).file("etc/schnapps"), "etc/schnapps is not a directory");
    expect(Archive(rules_).symlink("etc/schnapps", "/nowhere"),
           "etc/schnapps is a symbolic link that leads to nothing");
    expect(Archive(rules_).symlink("etc", "../etc"), "etc is a symbolic link that leads out");
    expect(Archive(rules_).directory("usr/etc").symlink("etc", "usr/etc").file("usr/etc/schnapps"),
           "usr/etc/schnapps is not a directory");
    expect(Archive(rules_).directory("etc/schnapps/config"), "etc/schnapps/config is a directory");
}

TEST(EntryPolicy, RejectsKindsThatATreeCannotHave) {
    Archive archive;
    archive.rejects(Archive::entry("socket", EntryKind::unknown), "kind of member");
    archive.rejects(Archive::entry("./", EntryKind::symlink, "x"), "must be a directory");
    archive.rejects_file(".", "must be a directory");
    archive.rejects_file("a/", "name of a directory");
    archive.rejects(Archive::entry("link", EntryKind::symlink, ""), "without a target");
    archive.rejects(Archive::entry("link", EntryKind::symlink, std::string(5000, 'x')), "too long");
}

TEST(EntryPolicy, RejectsSizesThatCannotBe) {
    Archive archive;
    archive.rejects({.path = "a", .kind = EntryKind::regular, .link_target = {}, .size = -1}, "negative");
    archive.rejects({.path = "a", .kind = EntryKind::fifo, .link_target = {}, .size = 1}, "only a file");
}

TEST(EntryPolicy, RejectsMoreThanTheCapacityInSum) {
    Archive archive;
    archive.file("a", 1 << 19).file("b", 1 << 19);
    archive.rejects({.path = "c", .kind = EntryKind::regular, .link_target = {}, .size = 1}, "does not fit");
}

TEST(EntryPolicy, RejectsASizeThatWouldMakeTheSumOverflow) {
    Archive archive({.capacity = Bytes{std::numeric_limits<std::uint64_t>::max()}, .required_files = {}});
    constexpr auto huge = std::numeric_limits<std::int64_t>::max();
    archive.file("a", huge).file("b", huge).file("c", 1);
    archive.rejects({.path = "d", .kind = EntryKind::regular, .link_target = {}, .size = 1}, "does not fit");
}

/// Tells entries until one is rejected; what is said of it.
std::string first_rejection(EntryPolicy& policy, EntryKind kind, std::size_t attributes,
                            const std::function<std::string(int)>& path) {
    for (int number = 0; number < 1'000'000; ++number) {
        const auto name = path(number);
        const auto result = policy.accept(
            {.path = name, .kind = kind, .link_target = {}, .size = 0, .attributes = attributes});
        if (!result) return result.error().describe();
    }
    return "none";
}

/// The limit is on memory, not on a number: half a million short names fit into what a router can spare.
TEST(EntryPolicy, CountsMembersByTheMemoryThatTheyTake) {
    EntryPolicy policy({.capacity = 1_MiB, .required_files = {}});
    for (int number = 0; number < 500'000; ++number)
        ASSERT_TRUE(policy.accept(Archive::entry("directory/" + std::to_string(number), EntryKind::regular)));
}

TEST(EntryPolicy, RejectsNamesThatWouldFillTheMemory) {
    EntryPolicy policy(
        {.capacity = 1_MiB, .required_files = {}, .memory = 1_MiB, .memory_reason = "so it is"});
    const auto said = first_rejection(policy, EntryKind::regular, 0, [](int number) {
        return std::to_string(number) + std::string(240, 'n');
    });
    EXPECT_NE(said.find("the names of the members take more than 1.0 MB of memory, so it is"),
              std::string::npos)
        << said;
    EXPECT_GT(policy.entries(), 2'000U);
    EXPECT_LT(policy.entries(), 4'000U);
}

TEST(EntryPolicy, CountsTheDirectoriesThatAPathImplies) {
    EntryPolicy policy({.capacity = 1_MiB, .required_files = {}, .memory = 1_MiB});
    const auto said = first_rejection(policy, EntryKind::regular, 0, [](int number) {
        std::string path = std::to_string(number);
        for (int level = 0; level < 1000; ++level) path += "/d";
        return path;
    });
    EXPECT_NE(said.find("the names of the members take more than"), std::string::npos) << said;
    EXPECT_LT(policy.entries(), 20U);
}

/// They are set last, so they are kept until then.
TEST(EntryPolicy, RejectsAttributesOfDirectoriesThatWouldFillTheMemory) {
    EntryPolicy policy({.capacity = 1_MiB, .required_files = {}, .memory = 1_MiB});
    const auto said = first_rejection(policy, EntryKind::directory, 16'000,
                                      [](int number) { return std::to_string(number); });
    EXPECT_NE(said.find("the attributes of the directories take more than 1.0 MB"), std::string::npos)
        << said;
    EXPECT_LT(policy.entries(), 70U);
}

TEST(EntryPolicy, RejectsMoreNamesOfAFileThanBtrfsHas) {
    Archive archive;
    archive.file("file");
    for (int number = 1; number < 65'535; ++number)
        ASSERT_TRUE(
            archive.policy.accept(Archive::entry(std::to_string(number), EntryKind::hard_link, "file")));
    archive.rejects_hard_link("one-more", "file", "65535 names");
    archive.rejects_hard_link("another", "17", "65535 names");
    archive.hard_link("17", "file");  // one that it has
    archive.file("18").hard_link("one-more", "file");
}

/// A CRC is linear: of names of the same length, those whose difference from one of them solves a system of
/// 32 equations have its hash. Here with two choices for each of 38 letters.
TEST(EntryPolicy, RejectsNamesThatBtrfsCannotTellApart) {
    const auto names = test_support::names_with_one_btrfs_hash(60);
    Archive archive;
    for (std::size_t i = 0; i < 50; ++i) archive.file("d/" + names.at(i));
    EXPECT_EQ(archive.policy.contents().most_names_with_one_hash(), 50U);
    EXPECT_TRUE(archive.policy.finish().has_value());
    archive.file("other/" + names.at(50));
    EXPECT_TRUE(archive.policy.finish().has_value());
    archive.file("d/" + names.at(50));
    ASSERT_FALSE(archive.policy.finish().has_value());
    EXPECT_NE(archive.policy.finish().error().describe().find("the same hash"), std::string::npos);
}

TEST(EntryPolicy, WantsOneFileWithContentOfEveryRequiredGroup) {
    const ArchiveRules rules{.capacity = 1_MiB,
                             .required_files = {{"boot/Image", "boot/Image.lzma"}, {"boot/boot.scr"}}};
    Archive missing(rules);
    missing.file("boot/Image.lzma");
    ASSERT_FALSE(missing.policy.finish().has_value());
    EXPECT_NE(missing.policy.finish().error().describe().find("boot/boot.scr"), std::string::npos);

    Archive empty(rules);
    empty.file("./boot/Image", 0).file("./boot/boot.scr");
    EXPECT_NE(empty.policy.finish().error().describe().find("boot/Image or boot/Image.lzma"),
              std::string::npos);

    Archive no_file(rules);
    no_file.file("boot/Image").symlink("boot/boot.scr", "elsewhere");
    EXPECT_FALSE(no_file.policy.finish().has_value());

    Archive complete(rules);
    complete.file("boot/Image").file("x").hard_link("boot/boot.scr", "x");
    EXPECT_TRUE(complete.policy.finish().has_value());
}

TEST(EntryPolicy, SeesWhatAnExtraArchiveIsUnpackedOver) {
    Archive base;
    base.file("boot/Image").symlink("lib", "/usr/lib").file("etc/config/network");
    const ArchiveRules rules{
        .capacity = 1_MiB, .required_files = {{"boot/Image"}}, .unpacked_over = &base.policy.contents()};

    Archive extra(rules);
    extra.file("etc/config/network").hard_link("etc/copy", "boot/Image");
    extra.rejects_file("lib/evil", "symbolic link");
    extra.rejects(Archive::entry("etc", EntryKind::symlink, "/"), "not empty");
    EXPECT_TRUE(extra.policy.finish().has_value());
    extra.file("boot/Image", 0);
    EXPECT_FALSE(extra.policy.finish().has_value());
}

TEST(EntryPolicy, ShowsHostileNamesWithoutTheirControlCharacters) {
    Archive archive;
    const auto result = archive.policy.accept(Archive::entry("/\x1b[2J\n", EntryKind::regular));
    EXPECT_EQ(result.error().describe(), "/?[2J?: the path is absolute");
}

}  // namespace

}  // namespace mox::medkit
