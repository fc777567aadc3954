// Mode 4 on cards that are tired, slow, or used by others at the same time.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/file.hpp"
#include "base/running_child.hpp"
#include "storage/card.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/small_reflash.hpp"
#include "support/temporary_directory.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

bool is_read_only(const fs::path& node) {
    const auto fd = must(open_file(node, O_RDONLY, ErrorKind::internal));
    int flag = 0;
    if (::ioctl(fd.get(), BLKROGET, &flag) != 0)
        throw std::system_error(errno, std::generic_category(), node);
    return flag != 0;
}

void make_read_only(const fs::path& node) {
    const auto fd = must(open_file(node, O_RDONLY, ErrorKind::internal));
    const int flag = 1;
    if (::ioctl(fd.get(), BLKROSET, &flag) != 0)
        throw std::system_error(errno, std::generic_category(), node);
}

/// Whether `is_true` becomes true before the end of a long time.
template <typename Condition>
bool comes_true(const Condition& is_true) {
    const auto end = Clock::now() + 60s;
    while (!is_true()) {
        if (Clock::now() > end) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

class TiredCards : public ::testing::Test {
protected:
    [[nodiscard]] ChildResult reflash(const fs::path& card) const {
        const AttachedImage stick(small_.stick(), Writing::forbidden);
        return small_.run_mode(MOX_RESCUE_PROGRAM, "4", card, stick.node());
    }

    [[nodiscard]] ChildResult reflash_image() const {
        AttachedImage card(image_);
        auto result = reflash(card.node());
        card.detach();
        return result;
    }

    void expect_new_system() const {
        const MountedImage card(image_, partition_start, "btrfs");
        EXPECT_EQ(difference(small_.new_system(), describe_system(card / "@")), "");
        EXPECT_EQ(difference(small_.new_system(), describe_system(card / "@factory")), "");
    }

    SmallReflash small_;
    fs::path image_ = small_.folder() / "card.img";
};

// Mounts with rescue=nologreplay only, and so looks healthy at first.
TEST_F(TiredCards, WhoseLogCannotBeReplayedAreFormatted) {
    make_damaged_card(image_, card_size, Damage::log_tree);
    const auto id = btrfs_id(image_);
    const auto result = reflash_image();
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_NE(btrfs_id(image_), id);
    EXPECT_TRUE(result.output.contains("is damaged")) << result.output;
    expect_new_system();
}

// Counters of long ago are no reason to format.
TEST_F(TiredCards, ThatHadErrorsLongAgoAreNotFormatted) {
    small_.put_card(image_);
    count_errors_on_card(image_);
    const auto id = btrfs_id(image_);
    const auto result = reflash_image();
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_EQ(btrfs_id(image_), id) << result.output;
    EXPECT_TRUE(result.output.contains("had 7 corrupt blocks before")) << result.output;
    expect_new_system();
}

// What a run that was killed has left (a version without a guard, or with the guard killed too).
TEST_F(TiredCards, WithAReadOnlyFlagOfAKilledRunAreWritten) {
    small_.put_card(image_);
    {
        LoopImage card(image_);
        const auto volumes = must(storage::volumes_of(card.as(storage::DriveRole::card)));
        make_read_only(volumes.front().node);
        make_read_only(card.node());
        const auto result = reflash(card.node());
        EXPECT_EQ(result.exit_status, 0) << result.output;
        EXPECT_FALSE(is_read_only(card.node()));
        card.detach();
    }
    expect_new_system();
}

TEST_F(TiredCards, WithASwitchStayUnwritten) {
    small_.put_card(image_);
    const AttachedImage card(image_, Writing::forbidden);
    const auto result = reflash(card.node());
    EXPECT_EQ(result.exit_status, 3) << result.output;
    EXPECT_TRUE(result.output.contains("write protected")) << result.output;
}

// The stick is protected while it is read; SIGKILL gives the program no chance to set that back.
TEST_F(TiredCards, AStickIsWritableAgainAfterSigkill) {
    small_.put_card(image_);
    const LoopImage card(image_);
    const LoopImage stick(small_.stick());
    auto run =
        must(RunningChild::start({.argv = small_.command(MOX_RESCUE_PROGRAM, "4", card.node(), stick.node()),
                                  .stop_signal = SIGKILL}));
    ASSERT_TRUE(comes_true([&] { return is_read_only(stick.node()); }));
    run.stop();
    EXPECT_TRUE(comes_true([&] { return !is_read_only(stick.node()); }));
    EXPECT_TRUE(comes_true([&] { return !is_read_only(stick.partition()); }));
}

/// A desktop: mounts whatever file system turns up, and leaves it mounted.
class Desktop {
public:
    explicit Desktop(fs::path folder) : folder_(std::move(folder)) { fs::create_directories(folder_); }
    Desktop(const Desktop&) = delete;
    Desktop& operator=(const Desktop&) = delete;
    ~Desktop() { ::umount2(folder_.c_str(), MNT_DETACH); }

    void try_to_mount(const fs::path& node) {
        if (!has_mounted_) has_mounted_ = ::mount(node.c_str(), folder_.c_str(), "btrfs", 0, "") == 0;
    }
    [[nodiscard]] bool has_mounted() const { return has_mounted_; }

private:
    fs::path folder_;
    bool has_mounted_ = false;
};

/// Runs mode 4; the desktop tries to mount the card whenever the program says something that contains
/// `moment`.
ChildResult reflash_with_desktop(const SmallReflash& small, const fs::path& card, const std::string& moment,
                                 Desktop& desktop) {
    const AttachedImage stick(small.stick(), Writing::forbidden);
    ChildResult result;
    const auto status = run_child_streaming(small.command(MOX_RESCUE_PROGRAM, "4", card, stick.node()), 5min,
                                            [&](std::string_view part) -> Expected<void> {
                                                result.output.append(part);
                                                if (result.output.contains(moment))
                                                    desktop.try_to_mount(card.native() + "p1");
                                                return {};
                                            });
    result.exit_status = status.value_or(-1);
    return result;
}

TEST_F(TiredCards, ThatADesktopMountsWhenTheyAreFormattedEndWithSuccess) {
    make_empty_card(image_, card_size);
    {
        const AttachedImage card(image_);
        Desktop desktop(small_.folder() / "desktop");
        const auto result = reflash_with_desktop(small_, card.node(), "formatted", desktop);
        EXPECT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(desktop.has_mounted());
    }
    expect_new_system();
}

TEST_F(TiredCards, ThatADesktopMountsAtTheEndEndWithSuccess) {
    small_.put_card(image_);
    {
        const AttachedImage card(image_);
        Desktop desktop(small_.folder() / "desktop");
        const auto result = reflash_with_desktop(small_, card.node(), "switched to the new system", desktop);
        EXPECT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(desktop.has_mounted());
    }
    expect_new_system();
}

/// Puts a program of this name before all others for as long as it lives.
class ProgramInPath {
public:
    ProgramInPath(const std::string& name, const std::string& script) : before_(std::getenv("PATH")) {
        write_file(folder_ / name, script);
        fs::permissions(folder_ / name, fs::perms::owner_all);
        ::setenv("PATH", (folder_.path().native() + ":" + before_).c_str(), 1);
    }
    ProgramInPath(const ProgramInPath&) = delete;
    ProgramInPath& operator=(const ProgramInPath&) = delete;
    ~ProgramInPath() { ::setenv("PATH", before_.c_str(), 1); }

    [[nodiscard]] std::string calls() const { return read_file(folder_ / "calls"); }

private:
    TemporaryDirectory folder_;
    std::string before_;
};

/// mkfs.btrfs, which notes its calls, and does `first` unless it is told not to discard.
std::string script_of_mkfs(const std::string& first) {
    return "#!/bin/sh\n"
           "echo \"$*\" >>\"${0%/*}/calls\"\n"
           "for last; do :; done\n"
           "case \"$*\" in *--nodiscard*) ;; *) " +
           first +
           ";; esac\n"
           "PATH=${PATH#*:} exec mkfs.btrfs \"$@\"\n";
}

TEST_F(TiredCards, WhoseDiscardHangsAreFormattedWithoutIt) {
    make_empty_card(image_, card_size);
    const ProgramInPath mkfs("mkfs.btrfs", script_of_mkfs("exec sleep 1000"));
    const LoopImage card(image_);
    const auto node = storage::partition_and_format(card.as(storage::DriveRole::card), {.longest_stall = 2s});
    EXPECT_TRUE(node) << node.error().describe();
    const auto calls = mkfs.calls();
    EXPECT_EQ(std::ranges::count(calls, '\n'), 2) << calls;
    EXPECT_TRUE(calls.contains("--nodiscard")) << calls;
}

// Much longer than the limit, but never without progress.
TEST_F(TiredCards, ThatAreSlowHaveAllTheTimeThatTheyNeed) {
    make_empty_card(image_, card_size);
    const ProgramInPath mkfs(
        "mkfs.btrfs", script_of_mkfs("for i in 1 2 3 4 5 6 7 8; do sleep 1; dd if=/dev/zero of=\"$last\" "
                                     "bs=4096 count=1 conv=fsync 2>/dev/null; done"));
    const LoopImage card(image_);
    const auto node = storage::partition_and_format(card.as(storage::DriveRole::card), {.longest_stall = 4s});
    EXPECT_TRUE(node) << node.error().describe();
    const auto calls = mkfs.calls();
    EXPECT_EQ(std::ranges::count(calls, '\n'), 1) << calls;
}

}  // namespace
}  // namespace mox::test_support
