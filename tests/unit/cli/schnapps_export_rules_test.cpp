// What goes into an export and what does not: exclude lists as GNU tar reads them, the overlay, the name.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "backup/encryption.hpp"
#include "backup/exclude_list.hpp"
#include "backup/export_medkit.hpp"
#include "medkit/directory_scan.hpp"

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
    EXPECT_EQ(backup::export_name("mox", "turris", "5"), "mox-medkit-turris-5");
    EXPECT_EQ(backup::export_name("mox", "my box/../x", "5"), "mox-medkit-my_box_.._x-5");
    EXPECT_EQ(backup::export_name("omnia", "", "20261122-182405"), "omnia-medkit-turris-20261122-182405");
}

TEST(ExportName, BeginsWithTheBoard) {
    using namespace std::string_view_literals;
    EXPECT_EQ(backup::board_prefix("cznic,turris-mox\0marvell,armada3720\0"sv), "mox");
    EXPECT_EQ(backup::board_prefix("cznic,turris-mox-virtual\0"sv), "mox");
    EXPECT_EQ(backup::board_prefix("cznic,turris-omnia\0marvell,armada385\0"sv), "omnia");
    EXPECT_EQ(backup::board_prefix("cznic,turris-omnia-ng\0"sv), "omnia-ng");
    EXPECT_EQ(backup::board_prefix("cznic,turris1x\0"sv), "turris1x");
    EXPECT_EQ(backup::board_prefix("raspberrypi,4-model-b\0"sv), "schnapps");
    EXPECT_EQ(backup::board_prefix(""), "schnapps");
}

// Lines as GnuPG 2.2 and 2.4 write them.
constexpr std::string_view begun = "[GNUPG:] NEED_PASSPHRASE_SYM 9 3 2\n[GNUPG:] BEGIN_DECRYPTION\n";
constexpr std::string_view content = "[GNUPG:] PLAINTEXT 62 1795804213 f\n[GNUPG:] PLAINTEXT_LENGTH 6\n";
constexpr std::string_view okay = "[GNUPG:] DECRYPTION_OKAY\n";
constexpr std::string_view good = "[GNUPG:] GOODMDC\n";
constexpr std::string_view ended = "[GNUPG:] END_DECRYPTION\n";

std::string judgement(std::initializer_list<std::string_view> parts) {
    std::string lines;
    for (const auto part : parts) lines += part;
    const auto checked = backup::check_decryption(lines);
    return checked ? "" : checked.error().message();
}

TEST(GpgStatus, BelievesOneProtectedMessage) {
    EXPECT_EQ(judgement({begun, "[GNUPG:] DECRYPTION_INFO 2 9 0\n", content, okay, good, ended}), "");
    EXPECT_EQ(judgement({begun, "[GNUPG:] DECRYPTION_INFO 0 9 2\n", content, okay, ended}), "") << "AEAD";
}

TEST(GpgStatus, RefusesEverythingElse) {
    EXPECT_TRUE(judgement({}).contains("not encrypted"));
    EXPECT_TRUE(judgement({content}).contains("not encrypted"));
    EXPECT_TRUE(judgement({content, "[GNUPG:] GOODSIG 78D8754E7ED30B7F me\n"}).contains("not encrypted"));
    EXPECT_TRUE(judgement({"DECRYPTION_OKAY\nGOODMDC\n"}).contains("not encrypted"));
    EXPECT_TRUE(
        judgement({begun, "[GNUPG:] DECRYPTION_INFO 0 7 0\n", content, okay, ended}).contains("integrity"));
    EXPECT_TRUE(
        judgement({begun, "[GNUPG:] DECRYPTION_INFO 0 7\n", content, okay, ended}).contains("integrity"));
    EXPECT_TRUE(
        judgement({begun, content, "[GNUPG:] DECRYPTION_FAILED\n", ended}).contains("cannot be decrypted"));
    EXPECT_TRUE(
        judgement({begun, content, okay, good, "[GNUPG:] BADMDC\n", ended}).contains("cannot be decrypted"));
    EXPECT_TRUE(judgement({content, begun, content, okay, good, ended}).contains("exactly one"));
    EXPECT_TRUE(judgement({begun, content, okay, good, ended, content}).contains("exactly one"));
    EXPECT_TRUE(judgement({begun, content, content, okay, good, ended}).contains("exactly one"));
    EXPECT_TRUE(judgement({begun, content, okay, good, ended, begun, content, okay, good, ended})
                    .contains("exactly one"));
    EXPECT_TRUE(judgement({begun, okay, good, ended}).contains("exactly one")) << "nothing came out";
}

}  // namespace
}  // namespace mox
