#include "medkit/entry_policy.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace mox::medkit {

namespace {

using namespace mox::unit_literals;

/// A policy and an archive that is told to it entry by entry, as a test reads best.
class Archive {
public:
    explicit Archive(const ArchiveRules& rules = {.capacity = 1_MiB, .required_files = {}}) : policy(rules) {}

    Archive& file(std::string_view path, std::int64_t size = 1) {
        return accepted({.path = path, .kind = EntryKind::regular, .link_target = {}, .size = size});
    }
    Archive& directory(std::string_view path) { return accepted(entry(path, EntryKind::directory)); }
    Archive& symlink(std::string_view path, std::string_view target) {
        return accepted(entry(path, EntryKind::symlink, target));
    }
    Archive& hard_link(std::string_view path, std::string_view target) {
        return accepted(entry(path, EntryKind::hard_link, target));
    }

    void rejects(const EntryDescription& description, std::string_view reason) {
        const auto result = policy.accept(description);
        ASSERT_FALSE(result.has_value()) << description.path;
        EXPECT_EQ(result.error().kind(), ErrorKind::medkit);
        EXPECT_NE(result.error().describe().find(reason), std::string::npos) << result.error().describe();
    }
    void rejects_file(std::string_view path, std::string_view reason) {
        rejects(entry(path, EntryKind::regular), reason);
    }
    void rejects_hard_link(std::string_view path, std::string_view target, std::string_view reason) {
        rejects(entry(path, EntryKind::hard_link, target), reason);
    }

    static EntryDescription entry(std::string_view path, EntryKind kind, std::string_view target = {}) {
        return {.path = path, .kind = kind, .link_target = target, .size = 0};
    }

    EntryPolicy policy;

private:
    Archive& accepted(const EntryDescription& description) {
        const auto result = policy.accept(description);
        EXPECT_TRUE(result.has_value()) << result.error().describe();
        return *this;
    }
};

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
    archive.file("file").directory("directory").symlink("symlink", "file");
    archive.rejects_hard_link("x", "/etc/passwd", "absolute");
    archive.rejects_hard_link("x", "../outside", "upwards");
    archive.rejects_hard_link("x", "later", "not an earlier file");
    archive.rejects_hard_link("x", "directory", "not an earlier file");
    archive.rejects_hard_link("x", "symlink", "not an earlier file");
    archive.rejects_hard_link("x", "symlink/file", "not an earlier file");
    archive.rejects_hard_link("x", "", "empty");
    archive.rejects_hard_link("file", "./file", "to itself");
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

TEST(EntryPolicy, RejectsMoreEntriesThanASystemHas) {
    Archive archive({.capacity = 1_MiB, .required_files = {}, .max_entries = 3});
    archive.file("1").file("2").file("3");
    archive.rejects_file("4", "more than 3 members");
}

TEST(EntryPolicy, CountsTheDirectoriesThatAPathImplies) {
    Archive archive({.capacity = 1_MiB, .required_files = {}, .max_entries = 5});
    archive.rejects_file("1/2/3/4/5/6/7/8", "more than 5 members");
}

TEST(EntryPolicy, RejectsNamesThatWouldFillTheMemory) {
    Archive archive({.capacity = 1_MiB, .required_files = {}, .max_names = 600_B});
    archive.file(std::string(250, 'a')).file(std::string(250, 'b'));
    archive.rejects_file(std::string(250, 'c'), "names of the members");
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
