// What goes into an export and what does not: exclude lists as GNU tar reads them, the overlay, the name.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "backup/exclude_list.hpp"
#include "backup/export_medkit.hpp"
#include "medkit/pack_selection.hpp"

namespace mox {
namespace {

using backup::ExcludeList;
using medkit::ScannedEntry;

ExcludeList list_of(std::string_view text) {
    ExcludeList list;
    list.add_lines(text);
    return list;
}

TEST(ExcludeList, APatternWithADotAndSlashCountsFromTheRoot) {
    const auto list = list_of("./tmp/*\n");
    EXPECT_TRUE(list.excludes("./tmp/file"));
    EXPECT_TRUE(list.excludes("./tmp/a/b"));
    EXPECT_FALSE(list.excludes("./tmp"));
    EXPECT_FALSE(list.excludes("./var/tmp/file"));
}

TEST(ExcludeList, ABareNameIsFoundInEveryDirectoryAndTakesWhatIsBelowWithIt) {
    const auto list = list_of("lost+found");
    EXPECT_TRUE(list.excludes("./lost+found"));
    EXPECT_TRUE(list.excludes("./srv/lost+found/x"));
    EXPECT_FALSE(list.excludes("./lost+found2"));
    EXPECT_FALSE(list.excludes("./srv/not-lost+found"));
}

TEST(ExcludeList, WildcardsMatchSlashes) {
    const auto list = list_of("var/*.log\ncache/[ab]?");
    EXPECT_TRUE(list.excludes("./var/log/deep/messages.log"));
    EXPECT_TRUE(list.excludes("./x/cache/a1"));
    EXPECT_FALSE(list.excludes("./x/cache/c1"));
}

TEST(ExcludeList, BlankLinesLineEndsAndSlashesAtTheEndMeanNothing) {
    const auto list = list_of("\n   \n\t./etc/secret/ \r\n\r\n");
    EXPECT_TRUE(list.excludes("./etc/secret"));
    EXPECT_TRUE(list.excludes("./etc/secret/key"));
    EXPECT_FALSE(list.excludes("./etc/hosts"));
    EXPECT_TRUE(list_of("\n \n").empty());
    EXPECT_FALSE(list_of("").excludes("./etc"));
}

ScannedEntry entry(const std::string& path, mode_t type, const std::string& hard_link_to = {}) {
    ScannedEntry made;
    made.path = path;
    made.status.st_mode = type | 0755;
    made.hard_link_to = hard_link_to;
    return made;
}

std::string paths_of(const std::vector<ScannedEntry>& entries) {
    std::string text;
    for (const auto& one : entries)
        text +=
            (text.empty() ? "" : " ") + one.path + (one.hard_link_to.empty() ? "" : "->" + one.hard_link_to);
    return text;
}

std::vector<ScannedEntry> small_tree() {
    return {entry(".", S_IFDIR),
            entry("./a", S_IFDIR),
            entry("./a/one", S_IFREG),
            entry("./b", S_IFREG, "./a/one"),
            entry("./c", S_IFREG, "./a/one"),
            entry("./d", S_IFDIR),
            entry("./d/file", S_IFREG)};
}

TEST(PackSelection, WhatIsLeftOutTakesItsContentWithItButNeverTheRoot) {
    const auto kept =
        without(small_tree(), [](const ScannedEntry& one) { return one.path == "./d" || one.path == "."; });
    EXPECT_EQ(paths_of(kept), ". ./a ./a/one ./b->./a/one ./c->./a/one");
}

TEST(PackSelection, AFileWhoseFirstNameIsLeftOutIsPackedUnderItsNextOne) {
    const auto kept = without(small_tree(), [](const ScannedEntry& one) { return one.path == "./a"; });
    EXPECT_EQ(paths_of(kept), ". ./b ./c->./b ./d ./d/file");
}

TEST(PackSelection, TheOverlayReplacesFilesAndJoinsDirectories) {
    const auto both =
        medkit::overlaid(small_tree(), {entry(".", S_IFDIR), entry("./a", S_IFDIR), entry("./a/one", S_IFREG),
                                        entry("./d", S_IFREG), entry("./new", S_IFREG)});
    EXPECT_EQ(paths_of(both.base), ". ./a ./b ./c->./b");
    EXPECT_EQ(paths_of(both.overlay), "./a/one ./d ./new");
}

TEST(ExportName, IsOneThatMode4AcceptsWhateverTheHostIsCalled) {
    EXPECT_EQ(backup::export_name("turris", "5"), "mox-medkit-turris-5");
    EXPECT_EQ(backup::export_name("my box/../x", "5"), "mox-medkit-my_box_.._x-5");
    EXPECT_EQ(backup::export_name("", "20261122-182405"), "mox-medkit-turris-20261122-182405");
}

}  // namespace
}  // namespace mox
