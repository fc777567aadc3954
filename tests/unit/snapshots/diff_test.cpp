#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/unique_fd.hpp"
#include "snapshots/diff.hpp"
#include "support/temporary_directory.hpp"

namespace mox::snapshots {
namespace {

namespace fs = std::filesystem;

class Diffs : public ::testing::Test {
protected:
    Diffs() {
        fs::create_directories(left);
        fs::create_directories(right);
    }

    static void write(const fs::path& file, const std::string& content) {
        std::ofstream(file, std::ios::binary) << content;
    }

    /// All that `write_diff` says, or its error.
    [[nodiscard]] std::string text(Colours colours = Colours::no) const {
        const UniqueFd one(::open(left.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const UniqueFd other(::open(right.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        const auto found = compare(one.get(), other.get());
        if (!found) return found.error().describe();
        std::string said;
        const auto written = write_diff(one.get(), other.get(), found->changes,
                                        {.left_name = "@3", .right_name = "@", .colours = colours},
                                        [&](std::string_view part) -> Expected<void> {
                                            said += part;
                                            return {};
                                        });
        return written ? said : written.error().describe();
    }

    test_support::TemporaryDirectory folder;
    const fs::path left = folder / "left";
    const fs::path right = folder / "right";
};

TEST_F(Diffs, AreEmptyForEqualTrees) {
    EXPECT_EQ(text(), "");
}

TEST_F(Diffs, OfTextFilesAreUnified) {
    write(left / "network", "lan\nwan\n");
    write(right / "network", "lan\nwwan\n");
    EXPECT_EQ(text(),
              "--- @3/network\n"
              "+++ @/network\n"
              "@@ -1,2 +1,2 @@\n"
              " lan\n"
              "-wan\n"
              "+wwan\n");
}

TEST_F(Diffs, ShowAddedAndRemovedTextAsAWhole) {
    write(left / "gone", "old\n");
    write(right / "new", "young\n");
    EXPECT_EQ(text(),
              "--- @3/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n"
              "--- /dev/null\n+++ @/new\n@@ -0,0 +1 @@\n+young\n");
}

TEST_F(Diffs, SayThatBinaryFilesDiffer) {
    write(left / "blob", std::string("a\0b", 3));
    write(right / "blob", "text\n");
    write(right / "more", std::string(1500, '\0'));
    EXPECT_EQ(text(),
              "Binary files @3/blob and @/blob differ\n"
              "Only in @: /more (binary file, 1.5 kB)\n");
}

TEST_F(Diffs, TakeAFileForBinaryWhereverItsZeroIs) {
    auto content = std::string(200'000, 'x');
    write(left / "blob", content);
    content.back() = '\0';
    write(right / "blob", content);
    EXPECT_EQ(text(), "Binary files @3/blob and @/blob differ\n");
}

TEST_F(Diffs, DoNotTryFilesThatAreTooLongForIt) {
    write(left / "log", std::string(9 << 20, 'x'));
    write(right / "log", std::string(9 << 20, 'y'));
    EXPECT_EQ(text(), "Binary files @3/log and @/log differ\n");
}

TEST_F(Diffs, ShowWhatIsNotContentInALineEach) {
    for (const auto& root : {left, right}) {
        write(root / "script", "#!/bin/sh\n");
        fs::create_directory(root / "thing");
    }
    fs::permissions(left / "script", static_cast<fs::perms>(0644));
    fs::permissions(right / "script", static_cast<fs::perms>(0755));
    fs::create_symlink("one", left / "link");
    fs::create_symlink("two", right / "link");
    fs::remove(right / "thing");
    ASSERT_EQ(::mkfifo((right / "thing").c_str(), 0600), 0);
    write(right / "void", "");
    fs::create_directory(right / "dir");
    fs::create_symlink("new\033", right / "sym");
    EXPECT_EQ(text(),
              "Only in @: /dir (directory)\n"
              "@/link: symlink \"one\" -> \"two\"\n"
              "@/script: mode 0644 -> 0755\n"
              "Only in @: /sym (symlink to \"new\\x1b\")\n"
              "@/thing: type directory -> FIFO\n"
              "Only in @: /void (empty file)\n");
}

TEST_F(Diffs, EscapeControlCharactersInNames) {
    write(left / "a\nb\033[2J", "1\n");
    write(right / "a\nb\033[2J", "2\n");
    const auto said = text();
    EXPECT_TRUE(said.starts_with("--- @3/a\\nb\\x1b[2J\n+++ @/a\\nb\\x1b[2J\n")) << said;
}

TEST_F(Diffs, OfFilesWhoseNamesLookLikeOptionsAreOrdinaryDiffs) {
    write(left / "-r", "1\n");
    write(right / "-r", "2\n");
    EXPECT_EQ(text(), "--- @3/-r\n+++ @/-r\n@@ -1 +1 @@\n-1\n+2\n");
}

TEST_F(Diffs, AreColouredOnRequest) {
    write(left / "f", "-- a\nsame\n");
    write(right / "f", "++ b\nsame\n");
    EXPECT_EQ(text(Colours::yes),
              "\033[1m--- @3/f\033[m\n"
              "\033[1m+++ @/f\033[m\n"
              "\033[36m@@ -1,2 +1,2 @@\033[m\n"
              "\033[31m--- a\033[m\n"
              "\033[32m+++ b\033[m\n"
              " same\n");
}

TEST(DiffColours, DoNotDependOnHowTheTextIsCut) {
    const std::string text = "--- a\n+++ b\n@@ -1 +1 @@\n--- x\n+y\n z\n";
    const auto whole = DiffColours().coloured(text);
    DiffColours colours;
    std::string pieces;
    for (const char c : text) pieces += colours.coloured({&c, 1});
    EXPECT_EQ(pieces, whole);
}

TEST_F(Diffs, EndWhenTheReaderHasGone) {
    for (int i = 0; i < 20; ++i) write(right / ("f" + std::to_string(i)), std::string(100'000, '\n'));
    const UniqueFd one(::open(left.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const UniqueFd other(::open(right.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto found = compare(one.get(), other.get());
    ASSERT_TRUE(found);
    int calls = 0;
    const auto written = write_diff(one.get(), other.get(), found->changes, {}, [&](std::string_view) {
        ++calls;
        return Expected<void>(fail(ErrorKind::internal, "broken pipe"));
    });
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().message(), "broken pipe");
    EXPECT_EQ(calls, 1);
}

TEST_F(Diffs, SayWhatIsGoneByNow) {
    const UniqueFd root(::open(left.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::vector<Change> changes{
        {.path = "was", .kind = ChangeKind::added},
        {.path = "here", .kind = ChangeKind::changed, .differences = {.content = true}}};
    std::string said;
    const auto written = write_diff(root.get(), root.get(), changes, {.left_name = "@3", .right_name = "@"},
                                    [&](std::string_view part) -> Expected<void> {
                                        said += part;
                                        return {};
                                    });
    ASSERT_TRUE(written);
    EXPECT_EQ(said, "@/was: no longer exists\n@3/here: no longer exists\n");
}

}  // namespace
}  // namespace mox::snapshots
