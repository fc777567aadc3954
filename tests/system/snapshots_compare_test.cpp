#include "snapshots/compare.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/random_changes.hpp"
#include "support/temporary_directory.hpp"

namespace mox::snapshots {
namespace {

using namespace unit_literals;
using storage::Access;
using test_support::must;
using test_support::write_file;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

/// For this scope this thread, and those that it starts, may not search btrfs' trees.
class WithoutTreeSearch {
public:
    WithoutTreeSearch() {
        call(SYS_capget, before_);
        auto without = before_;
        without[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
        call(SYS_capset, without);
    }
    WithoutTreeSearch(const WithoutTreeSearch&) = delete;
    WithoutTreeSearch& operator=(const WithoutTreeSearch&) = delete;
    ~WithoutTreeSearch() { call(SYS_capset, before_); }

private:
    using Sets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;
    static void call(long number, Sets& sets) {
        __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        EXPECT_EQ(::syscall(number, &header, sets.data()), 0);
    }
    Sets before_{};
};

/// A card with a root `@` and whatever snapshots a test makes.
class Comparing : public ::testing::Test {
protected:
    Comparing() : disk_(folder_ / "card.img", 1_GiB) {
        test_support::format(disk_.node(), "btrfs");
        card_.emplace(must(storage::mount_card(disk_.node())));
        must(storage::create_subvolume(top(), "@"));
        write_file(path("@/etc/config/network"), "lan\n");
        write_file(path("@/etc/config/wireless"), "radio\n");
        write_file(path("@/usr/bin/tool"), std::string(100'000, 't'));
    }

    [[nodiscard]] int top() const { return card_->root(); }
    [[nodiscard]] fs::path path(const std::string& below) const { return card_->path() / below; }
    [[nodiscard]] UniqueFd opened(const std::string& name) const {
        return must(open_file(path(name), O_RDONLY | O_DIRECTORY, ErrorKind::internal));
    }
    void snapshot(const std::string& source, const std::string& name,
                  Access access = Access::read_only) const {
        must(storage::snapshot_subvolume(top(), source, name, access));
    }
    void remount() {
        must(card_->unmount());
        card_.emplace(must(storage::mount_card(disk_.node())));
    }

    [[nodiscard]] Comparison compared(const std::string& left, const std::string& right,
                                      std::string_view below = {}) const {
        return must(compare(opened(left).get(), opened(right).get(), below));
    }

    static Lines lines(const Comparison& comparison) {
        Lines result;
        for (const auto& change : comparison.changes) {
            constexpr std::string_view signs = "-+~";
            auto line = std::string(1, signs[static_cast<std::size_t>(change.kind)]) + " " + change.path;
            for (const auto name : names_of(change.differences)) line += " " + std::string(name);
            result.push_back(std::move(line));
        }
        return result;
    }

    /// What btrfs' own knowledge leads to; the test fails when the trees had to be walked. Reading and
    /// walking everything, without a single look at btrfs' trees, has to give the same.
    [[nodiscard]] Lines changes(const std::string& left, const std::string& right,
                                std::string_view below = {}) const {
        const auto quick = compared(left, right, below);
        EXPECT_EQ(quick.method, CompareMethod::changed_inodes);
        EXPECT_EQ(lines(quick), lines(read_and_walked(left, right, below)));
        return lines(quick);
    }

    [[nodiscard]] Comparison read_and_walked(const std::string& left, const std::string& right,
                                             std::string_view below = {}) const {
        const WithoutTreeSearch walking;
        auto result = compared(left, right, below);
        EXPECT_EQ(result.method, CompareMethod::walk);
        return result;
    }

    test_support::TemporaryDirectory folder_;
    test_support::LoopImage disk_;
    std::optional<storage::Mount> card_;
};

TEST_F(Comparing, FindsNothingRightAfterASnapshot) {
    snapshot("@", "@1");
    EXPECT_EQ(changes("@1", "@"), Lines{});
}

TEST_F(Comparing, SeesWhatWasNotSyncedYet) {
    snapshot("@", "@1");
    write_file(path("@/etc/config/network"), "wan\n");
    EXPECT_EQ(changes("@1", "@"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("@", "@1"), Lines{"~ etc/config/network content"});
}

TEST_F(Comparing, LeavesOutWhatWasTouchedOnly) {
    snapshot("@", "@1");
    write_file(path("@/etc/config/network"), "lan\n");
    write_file(path("@/usr/new"), "");
    fs::remove(path("@/usr/new"));
    EXPECT_EQ(changes("@1", "@"), Lines{});
}

TEST_F(Comparing, ShowsEveryPathBelowARenamedDirectory) {
    snapshot("@", "@1");
    fs::rename(path("@/etc/config"), path("@/usr/config"));
    EXPECT_EQ(changes("@1", "@"), (Lines{"- etc/config", "- etc/config/network", "- etc/config/wireless",
                                         "+ usr/config", "+ usr/config/network", "+ usr/config/wireless"}));
}

TEST_F(Comparing, ComparesDirectoriesThatChangedPlaces) {
    write_file(path("@/usr/config/network"), "lan\n");
    snapshot("@", "@1");
    ASSERT_EQ(::renameat2(AT_FDCWD, path("@/etc/config").c_str(), AT_FDCWD, path("@/usr/config").c_str(),
                          RENAME_EXCHANGE),
              0);
    EXPECT_EQ(changes("@1", "@"), (Lines{"- etc/config/wireless", "+ usr/config/wireless"}));
}

TEST_F(Comparing, NamesAllLinksOfAChangedFile) {
    fs::create_hard_link(path("@/etc/config/network"), path("@/usr/also"));
    snapshot("@", "@1");
    write_file(path("@/usr/also"), "wan\n");
    EXPECT_EQ(changes("@1", "@"), (Lines{"~ etc/config/network content", "~ usr/also content"}));
    fs::remove(path("@/etc/config/network"));
    EXPECT_EQ(changes("@1", "@"), (Lines{"- etc/config/network", "~ usr/also content"}));
}

TEST_F(Comparing, SeesWritesInPlace) {
    const auto file = path("@/usr/database");
    write_file(file, "");
    {
        auto fd = must(open_file(file, O_RDWR, ErrorKind::internal));
        int flags = FS_NOCOW_FL;
        ASSERT_EQ(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags), 0);
        must(write_all(fd.get(), std::string(100'000, 'a'), "database", ErrorKind::internal));
    }
    snapshot("@", "@1");
    for (const char letter : {'b', 'c'}) {  // the first write after a snapshot is a copy, the second is not
        auto fd = must(open_file(file, O_RDWR, ErrorKind::internal));
        ASSERT_EQ(::pwrite(fd.get(), &letter, 1, 50'000), 1);
        ASSERT_EQ(::fsync(fd.get()), 0);
        EXPECT_EQ(changes("@1", "@"), Lines{"~ usr/database content"});
    }
    snapshot("@", "@2");
    EXPECT_EQ(changes("@2", "@"), Lines{});
}

TEST_F(Comparing, ReachesAcrossRollbacks) {
    snapshot("@", "@1");
    write_file(path("@/etc/config/network"), "broken\n");
    snapshot("@", "@2");
    snapshot("@1", "@new", Access::writable);  // the rollback
    must(storage::exchange(top(), "@", "@new"));
    ASSERT_EQ(::renameat(top(), "@new", top(), "@3"), 0);
    write_file(path("@/etc/config/firewall"), "drop\n");
    snapshot("@", "@4");

    EXPECT_EQ(changes("@1", "@"), Lines{"+ etc/config/firewall"});
    EXPECT_EQ(changes("@2", "@3"), Lines{});
    EXPECT_EQ(changes("@3", "@4"), (Lines{"+ etc/config/firewall", "~ etc/config/network content"}));
    EXPECT_EQ(changes("@4", "@2"), (Lines{"- etc/config/firewall", "~ etc/config/network content"}));

    must(storage::delete_subvolume(top(), "@3"));  // the source of @1 and @2
    EXPECT_EQ(changes("@1", "@2"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("@4", "@2"), (Lines{"- etc/config/firewall", "~ etc/config/network content"}));
}

TEST_F(Comparing, WalksWhenTheCommonPastIsGone) {
    snapshot("@", "@1");
    snapshot("@1", "@new", Access::writable);
    write_file(path("@/etc/config/network"), "wan\n");
    must(storage::delete_subvolume(top(), "@1"));
    test_support::run({"btrfs", "filesystem", "sync", path(".").native()});  // wakes up who really deletes
    test_support::run({"btrfs", "subvolume", "sync", path(".").native()});   // and waits for that
    const auto result = compared("@new", "@");
    EXPECT_EQ(result.method, CompareMethod::walk);
    EXPECT_EQ(lines(result), Lines{"~ etc/config/network content"});
}

TEST_F(Comparing, WalksStrangers) {
    must(storage::create_subvolume(top(), "@factory"));
    test_support::run({"cp", "-a", "--reflink=never", path("@/etc").native(), path("@factory/etc").native()});
    const auto result = compared("@factory", "@");
    EXPECT_EQ(result.method, CompareMethod::walk);
    EXPECT_EQ(lines(result), (Lines{"+ usr", "+ usr/bin", "+ usr/bin/tool"}));
}

TEST_F(Comparing, TakesNestedSubvolumesForTheEmptyDirectoriesThatSnapshotsHave) {
    must(storage::create_subvolume(must(open_file(path("@/usr"), O_RDONLY, ErrorKind::internal)).get(),
                                   "data"));
    write_file(path("@/usr/data/file"), "1");
    fs::permissions(path("@/usr/data"), fs::perms::owner_all);
    snapshot("@", "@1");
    write_file(path("@/usr/data/file"), "22");
    EXPECT_EQ(changes("@1", "@"), Lines{});
    must(storage::create_subvolume(must(open_file(path("@/usr"), O_RDONLY, ErrorKind::internal)).get(),
                                   "more"));
    EXPECT_EQ(changes("@1", "@"), Lines{"+ usr/more"});
}

TEST_F(Comparing, SeesTheEntryOfASnapshotInsideItsSource) {
    test_support::run({"btrfs", "-q", "subvolume", "snapshot", path("@").native(), path("@/copy").native()});
    EXPECT_EQ(changes("@/copy", "@"), Lines{"+ copy"});
}

TEST_F(Comparing, IsNotFooledByNumbersThatAreUsedAgain) {
    fs::create_directory(path("@/old"));
    write_file(path("@/old/file"), "1");
    snapshot("@", "@1");
    struct stat before{};
    ASSERT_EQ(::stat(path("@/old/file").c_str(), &before), 0);
    fs::remove(path("@/old/file"));
    remount();  // btrfs looks for the highest number in use anew
    write_file(path("@/old/file"), "2");
    struct stat after{};
    ASSERT_EQ(::stat(path("@/old/file").c_str(), &after), 0);
    ASSERT_EQ(before.st_ino, after.st_ino) << "this kernel does not use numbers again: no test";
    EXPECT_EQ(changes("@1", "@"), Lines{"~ old/file content"});
}

TEST_F(Comparing, IsNotFooledByTwinsThatWereChangedInTheSameInstant) {
    constexpr std::size_t files = 50;
    const auto name = [](std::size_t i) { return "etc/twin" + std::to_string(i); };
    for (std::size_t i = 0; i < files; ++i) write_file(path("@/" + name(i)), "x");
    snapshot("@", "@1", Access::writable);
    for (std::size_t i = 0; i < files; ++i) {
        const auto one = must(open_file(path("@1/" + name(i)), O_WRONLY, ErrorKind::internal));
        const auto other = must(open_file(path("@/" + name(i)), O_WRONLY, ErrorKind::internal));
        ASSERT_EQ(::pwrite(one.get(), "1", 1, 0), 1);
        ASSERT_EQ(::pwrite(other.get(), "2", 1, 0), 1);
    }
    EXPECT_EQ(changes("@1", "@").size(), files);
}

TEST_F(Comparing, StaysBelowThePathThatWasAskedFor) {
    snapshot("@", "@1");
    write_file(path("@/etc/config/network"), "wan\n");
    write_file(path("@/usr/new/file"), "");
    EXPECT_EQ(changes("@1", "@", "etc"), Lines{"~ etc/config/network content"});
    EXPECT_EQ(changes("@1", "@", "/usr/bin"), Lines{});
    EXPECT_EQ(lines(compared("@1", "@", "usr/new/file")), Lines{"+ usr/new/file"});
    fs::rename(path("@/etc"), path("@/etc.old"));
    fs::create_directory(path("@/etc"));
    EXPECT_EQ(lines(compared("@1", "@", "etc/config")),
              (Lines{"- etc/config", "- etc/config/network", "- etc/config/wireless"}));
}

TEST_F(Comparing, WorksOnACardThatIsMountedReadOnly) {
    snapshot("@", "@1");
    write_file(path("@/etc/config/network"), "wan\n");
    must(card_->unmount());
    card_.reset();
    const auto mounted = storage::mount_detached(
        disk_.node(),
        std::vector<storage::MountRequest>{
            {.type = "btrfs", .options = {{.name = "ro", .value = ""}}, .attributes = MOUNT_ATTR_RDONLY}});
    ASSERT_TRUE(mounted) << mounted.error().kernel_message;
    const auto side = [&](const char* name) {
        return UniqueFd(::openat(mounted->root.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    };
    const auto result = must(compare(side("@1").get(), side("@").get()));
    EXPECT_EQ(result.method, CompareMethod::changed_inodes);
    EXPECT_EQ(lines(result), Lines{"~ etc/config/network content"});
}

/// A little history of a card: the root changes, snapshots come and go, there are rollbacks and remounts.
class RandomHistory : public Comparing, public ::testing::WithParamInterface<int> {
protected:
    [[nodiscard]] const std::string& any_subvolume() { return names_[chance_.pick(names_.size())]; }

    void change(const std::string& writable, int times) {
        for (int i = 0; i < times; ++i) chance_.make_one(path(writable));
    }

    void next_event() {
        const auto name = "@" + std::to_string(++made_);
        switch (chance_.pick(10)) {
            case 0:  // a rollback: the root is now a copy of a snapshot, the old one stays
                snapshot(any_subvolume(), name, Access::writable);
                must(storage::exchange(top(), "@", name));
                break;
            case 1:
                snapshot("@", name, Access::writable);
                change(name, 10);
                break;
            case 2:
                if (names_.size() > 4) {
                    const auto victim = 1 + chance_.pick(names_.size() - 1);
                    must(storage::delete_subvolume(top(), names_[victim]));
                    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(victim));
                }
                return;
            case 3:
                return remount();
            case 4:
                return nest();
            case 5:
                return test_support::run({"btrfs", "balance", "start", "-m", path(".").native()});
            default:
                snapshot("@", name);
        }
        names_.push_back(name);
    }

    void nest() {
        const auto name = "nested" + std::to_string(made_);
        must(storage::create_subvolume(opened("@").get(), name));
        write_file(path("@") / name / "file", "content");
    }

    void compare_any_two() {
        const auto left = any_subvolume();
        const auto right = any_subvolume();
        SCOPED_TRACE(left + " and " + right);
        const auto quick = compared(left, right);
        EXPECT_EQ(lines(quick), lines(read_and_walked(left, right)));
        by_btrfs_ += quick.method == CompareMethod::changed_inodes ? 1 : 0;
        changes_seen_ += quick.changes.size();
    }

    test_support::RandomChanges chance_{static_cast<std::uint64_t>(GetParam())};
    std::vector<std::string> names_{"@"};
    int made_ = 0;
    int by_btrfs_ = 0;
    std::size_t changes_seen_ = 0;
};

TEST_P(RandomHistory, IsToldTheSameByBtrfsAndByWalkingAndReading) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    constexpr int rounds = 40;
    change("@", 150);
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
        next_event();
        change("@", 25);
        for (int i = 0; i < 3; ++i) compare_any_two();
    }
    EXPECT_GT(by_btrfs_, rounds) << "most comparisons must not need the walk";
    EXPECT_GT(changes_seen_, 1000U);
}

/// MOX_SEED=N repeats one history.
std::vector<int> seeds() {
    if (const char* const seed = std::getenv("MOX_SEED")) return {std::stoi(seed)};
    return {1, 2, 3};
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::ValuesIn(seeds()));

}  // namespace
}  // namespace mox::snapshots
