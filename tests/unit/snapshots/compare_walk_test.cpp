#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/unique_fd.hpp"
#include "snapshots/compare.hpp"
#include "support/temporary_directory.hpp"

namespace mox::snapshots {
namespace {

namespace fs = std::filesystem;

/// Two trees in ordinary directories, as similar as they can be until a test changes one.
class Walking : public ::testing::Test {
protected:
    Walking() {
        for (const auto& root : {left, right}) {
            fs::create_directories(root / "etc/config");
            fs::create_directories(root / "empty");
            write(root / "etc/config/network", "lan\n");
            write(root / "etc/config/wireless", "radio\n");
            fs::create_symlink("config/network", root / "etc/link");
        }
    }

    static void write(const fs::path& file, const std::string& content) {
        std::ofstream(file, std::ios::binary) << content;
    }

    [[nodiscard]] static UniqueFd opened(const fs::path& root) {
        return UniqueFd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    [[nodiscard]] Expected<Comparison> comparison(std::string_view below = {}) const {
        return compare(opened(left).get(), opened(right).get(), below);
    }

    /// What `schnapps cmp` would show: "~ etc/config/network content".
    [[nodiscard]] std::vector<std::string> changes(std::string_view below = {}) const {
        const auto result = comparison(below);
        if (!result) return {result.error().describe()};
        std::vector<std::string> lines;
        for (const auto& change : result->changes) {
            const char sign = change.kind == ChangeKind::added     ? '+'
                              : change.kind == ChangeKind::removed ? '-'
                                                                   : '~';
            auto line = std::string(1, sign) + " " + change.path;
            for (const auto name : names_of(change.differences)) line += " " + std::string(name);
            lines.push_back(std::move(line));
        }
        return lines;
    }

    using Lines = std::vector<std::string>;

    test_support::TemporaryDirectory folder;
    const fs::path left = folder / "left";
    const fs::path right = folder / "right";
};

TEST_F(Walking, FindsNothingInEqualTreesWhateverTheTimes) {
    fs::last_write_time(right / "etc/config/network",
                        fs::file_time_type::clock::now() - std::chrono::hours(5));
    EXPECT_EQ(changes(), Lines{});
}

TEST_F(Walking, IsTheRouteForDirectoriesThatAreNoSubvolumes) {
    const auto result = comparison();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->method, CompareMethod::walk);
}

TEST_F(Walking, SeesContentOfTheSameLength) {
    write(right / "etc/config/network", "wan\n");
    EXPECT_EQ(changes(), Lines{"~ etc/config/network content"});
}

TEST_F(Walking, SeesTheLastByteOfALongFile) {
    std::string content(300'001, 'x');
    write(left / "long", content);
    content.back() = 'y';
    write(right / "long", content);
    EXPECT_EQ(changes(), Lines{"~ long content"});
}

TEST_F(Walking, SeesAddedAndRemovedTreesPathByPath) {
    fs::create_directories(right / "new/deep");
    write(right / "new/deep/file", "");
    fs::remove_all(left / "new");
    fs::remove_all(right / "etc/config");
    EXPECT_EQ(changes(), (Lines{"- etc/config", "- etc/config/network", "- etc/config/wireless", "+ new",
                                "+ new/deep", "+ new/deep/file"}));
}

TEST_F(Walking, ShowsARenameAsRemovedAndAdded) {
    fs::rename(right / "etc/config/wireless", right / "etc/config/wifi");
    EXPECT_EQ(changes(), (Lines{"+ etc/config/wifi", "- etc/config/wireless"}));
}

TEST_F(Walking, SeesModeAndTargetAndType) {
    fs::permissions(right / "etc/config/network", fs::perms::owner_all);
    fs::remove(right / "etc/link");
    fs::create_symlink("config/wireless", right / "etc/link");
    fs::remove(right / "empty");
    write(right / "empty", "");
    EXPECT_EQ(changes(), (Lines{"~ empty type", "~ etc/config/network mode", "~ etc/link link target"}));
}

TEST_F(Walking, SeesTheContentOfADirectoryThatWasAFile) {
    fs::remove(left / "empty");
    write(left / "empty", "");
    write(right / "empty/inside", "");
    EXPECT_EQ(changes(), (Lines{"~ empty type", "+ empty/inside"}));
}

TEST_F(Walking, SeesTheModeOfTheRootItself) {
    fs::permissions(right, fs::perms::owner_all);
    EXPECT_EQ(changes(), Lines{"~  mode"});
}

TEST_F(Walking, SeesExtendedAttributes) {
    const auto set = [](const fs::path& path, const char* value) {
        return ::lsetxattr(path.c_str(), "user.note", value, 3, 0);
    };
    if (set(left / "etc/config/network", "one") != 0) GTEST_SKIP() << "no user xattrs here";
    ASSERT_EQ(set(right / "etc/config/network", "two"), 0);
    ASSERT_EQ(set(right / "etc/config", "dir"), 0);
    EXPECT_EQ(changes(), (Lines{"~ etc/config xattrs", "~ etc/config/network xattrs"}));
}

TEST_F(Walking, NeitherFollowsSymlinksNorWaitsForFifos) {
    for (const auto& root : {left, right}) {
        ASSERT_EQ(::mkfifo((root / "fifo").c_str(), 0600), 0);
        fs::create_directory_symlink(folder.path(), root / "loop");
    }
    EXPECT_EQ(changes(), Lines{});
}

TEST_F(Walking, KeepsNamesWithControlCharactersAsTheyAre) {
    write(right / "etc/a\nb\033[2J", "");
    EXPECT_EQ(changes(), Lines{"+ etc/a\nb\033[2J"});
}

TEST_F(Walking, GoesDeeperThanAnyPathThatTheKernelTakes) {
    const std::string name(200, 'd');
    std::string path;
    {
        UniqueFd at = opened(right);
        for (int depth = 0; depth < 30; ++depth) {
            ASSERT_TRUE(at) << depth;
            ASSERT_EQ(::mkdirat(at.get(), name.c_str(), 0700), 0);
            at = UniqueFd(::openat(at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            path += (path.empty() ? "" : "/") + name;
        }
    }
    ASSERT_GT(path.size(), 4096U);
    const auto found = changes();
    ASSERT_EQ(found.size(), 30U);
    EXPECT_EQ(found.back(), "+ " + path);
    EXPECT_EQ(changes(path), Lines{"+ " + path});
}

TEST_F(Walking, ComparesManyNamesInOneDirectory) {
    for (int i = 0; i < 1000; ++i) {
        const auto name = "file" + std::to_string(i);
        write(left / "empty" / name, "same");
        write(right / "empty" / name, i % 100 == 0 ? "else" : "same");
    }
    EXPECT_EQ(changes().size(), 10U);
}

TEST_F(Walking, StaysBelowThePathThatWasAskedFor) {
    write(right / "etc/config/network", "wan\n");
    write(right / "elsewhere", "");
    EXPECT_EQ(changes("etc"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("/etc//config/"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("etc/config/network"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("elsewhere"), Lines{"+ elsewhere"});
    EXPECT_EQ(changes("empty"), Lines{});
}

TEST_F(Walking, RefusesPathsThatLeadOutOrNowhere) {
    for (const auto* const path : {"../right", "etc/../..", "nowhere", "etc/link/network"}) {
        const auto result = comparison(path);
        ASSERT_FALSE(result) << path;
        EXPECT_EQ(result.error().kind(), ErrorKind::snapshot) << path;
    }
}

/// What root may read, nobody else may: as somebody else until the end of the scope.
class AsNobody {
public:
    AsNobody() {
        if (::geteuid() != 0) return;
        was_root_ = true;
        EXPECT_EQ(::seteuid(65534), 0);
        // A process that changed its user may not look into its own /proc/self/fd without this.
        EXPECT_EQ(::prctl(PR_SET_DUMPABLE, 1), 0);
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    ~AsNobody() {
        if (was_root_) {
            EXPECT_EQ(::seteuid(0), 0);
        }
    }

private:
    bool was_root_ = false;
};

TEST_F(Walking, SaysThatWhatCannotBeReadMayDiffer) {
    fs::permissions(folder.path(), static_cast<fs::perms>(0755));
    for (const auto& root : {left, right})
        for (const auto* const path : {"etc/config/network", "empty"})
            fs::permissions(root / path, fs::perms::none);
    Lines found;
    {
        const AsNobody nobody;
        found = changes();
    }
    for (const auto& root : {left, right}) fs::permissions(root / "empty", fs::perms::owner_all);
    EXPECT_EQ(found, (Lines{"~ empty unreadable", "~ etc/config/network unreadable"}));
}

}  // namespace
}  // namespace mox::snapshots
