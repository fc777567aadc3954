// Terminals, pipes and sessions that end, and Ctrl-C, at the worst moments: before the first write a program
// ends and has changed nothing, after it the program goes on to its end.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"
#include "support/storage_daemon.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

/// So that reading it slowly takes long enough for a test to do something.
constexpr std::size_t slow_size = 24 << 20;

fs::path placeholder(const RamFolder& folder, const std::string& name) {
    auto path = folder / name;
    write_file(path, {});
    return path;
}

/// Whether a program writes a file in `folder`; it has no name there yet.
bool writes_in(const RunningProgram& program, const fs::path& folder) {
    const auto place = fs::canonical(folder).native() + "/";
    std::error_code gone;
    for (auto open = fs::directory_iterator("/proc/" + std::to_string(program.pid()) + "/fd", gone);
         !gone && open != fs::directory_iterator(); open.increment(gone)) {
        std::error_code closed;
        const auto file = fs::read_symlink(open->path(), closed);
        if (!closed && file.native().starts_with(place)) return true;
    }
    return false;
}

void wait_until_it_writes_in(const RunningProgram& program, const fs::path& folder) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!writes_in(program, folder) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(writes_in(program, folder)) << "it has not begun";
}

/// Mode 4 of a signed medkit onto an old system.
class StoppedReflash : public testing::Test {
protected:
    std::vector<std::string> command(const AttachedImage& card, const fs::path& stick) const {
        return {MOX_RESCUE_PROGRAM, "run",    "4",         "--yes",   "--keys",
                table_.keys(),      "--card", card.node(), "--drive", stick};
    }

    void make_stick(const fs::path& content, Bytes size) const {
        make_disk(stick_, size, Table::dos);
        make_filesystem(stick_, Table::dos, "ext4", content);
    }

    RescueTable table_;
    fs::path card_ = table_.folder() / "card.img";
    fs::path stick_ = table_.folder() / "stick.img";
};

class StoppedBeforeTheFirstWrite : public StoppedReflash, public testing::WithParamInterface<int> {};

bool is_read_only(const fs::path& node) {
    const UniqueFd device(::open(node.c_str(), O_RDONLY | O_CLOEXEC));
    int flag = -1;
    return ::ioctl(device.get(), BLKROGET, &flag) == 0 && flag != 0;
}

TEST_P(StoppedBeforeTheFirstWrite, EndsAndHasChangedNothing) {
    make_card_with_old_system(card_, card_size);
    const auto content = table_.folder() / "content";
    fs::create_directory(content);
    write_file(content / "mox-medkit-latest.tar.gz",
               gzip(minimal_medkit().file("./large", noise(slow_size)).finished()));
    make_stick(content, Bytes{64 << 20});
    const auto card_before = image_digest(card_);
    const auto stick_before = image_digest(stick_);
    const auto shown = placeholder(table_.folder(), "shown");
    auto daemon = StorageDaemon::slow(stick_, shown);
    {
        AttachedImage card(card_);
        AttachedImage stick(shown);
        RunningProgram rescue(command(card, stick.node()));
        rescue.wait_for("checking USB drive");
        rescue.send_to_group(GetParam());
        EXPECT_EQ(rescue.wait(), 128 + GetParam()) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("nothing was changed")) << rescue.output();
        EXPECT_FALSE(is_read_only(stick.node()));
        stick.detach();  // throws if it is still mounted
        card.detach();
    }
    daemon.stop();
    EXPECT_EQ(image_digest(card_), card_before);
    EXPECT_EQ(image_digest(stick_), stick_before);
}

INSTANTIATE_TEST_SUITE_P(By, StoppedBeforeTheFirstWrite, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT),
                         [](const auto& instance) {
                             return "SIG" + std::string(::sigabbrev_np(instance.param));
                         });

/// The program is in the middle of formatting the card, and its child mkfs.btrfs with it.
class StoppedInTheMiddle : public StoppedReflash {
protected:
    StoppedInTheMiddle() {
        make_empty_card(card_, card_size);
        make_stick(table_.content(), Bytes{64 << 20});
    }

    void expect_a_whole_card() const {
        EXPECT_EQ(flaws_of_flashed_card(card_, table_.description()), std::vector<std::string>());
    }

    const fs::path programs_ = table_.folder() / "programs";
    const HeldUpProgram mkfs_ = HeldUpProgram::before(programs_, "mkfs.btrfs");
};

TEST_F(StoppedInTheMiddle, IsRefusedAndComesToItsEnd) {
    {
        const AttachedImage card(card_);
        const AttachedImage stick(stick_);
        RunningProgram rescue(command(card, stick.node()), Connection::pipe, programs_);
        mkfs_.wait_until_it_waits();
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
            rescue.send_to_group(signal);
            rescue.wait_for("SIG" + std::string(::sigabbrev_np(signal)) + " is refused");
        }
        mkfs_.go_on();
        EXPECT_EQ(rescue.wait(), 0) << rescue.output();
    }
    expect_a_whole_card();
}

TEST_F(StoppedInTheMiddle, ByAPipeThatNobodyReadsComesToItsEnd) {
    {
        const AttachedImage card(card_);
        const AttachedImage stick(stick_);
        RunningProgram rescue(command(card, stick.node()), Connection::pipe, programs_);
        mkfs_.wait_until_it_waits();
        rescue.close_output();
        mkfs_.go_on();
        EXPECT_EQ(rescue.wait(), 0);
    }
    expect_a_whole_card();
}

// A login by SSH that is cut: SIGHUP, and every write to the terminal fails with EIO from then on.
TEST_F(StoppedInTheMiddle, ByATerminalThatIsHungUpComesToItsEnd) {
    {
        const AttachedImage card(card_);
        const AttachedImage stick(stick_);
        RunningProgram rescue(command(card, stick.node()), Connection::terminal, programs_);
        mkfs_.wait_until_it_waits();
        rescue.close_output();
        mkfs_.go_on();
        EXPECT_EQ(rescue.wait(), 0);
    }
    expect_a_whole_card();
}

/// `schnapps -d ROOT` on a card with the old system, whose hook of rollbacks waits.
class StoppedSchnapps : public testing::Test {
protected:
    StoppedSchnapps() { make_card_with_old_system(image_, card_size); }

    static std::vector<std::string> command(const fs::path& place, std::vector<std::string> words) {
        words.insert(words.begin(), {SCHNAPPS_PROGRAM, "-d", place.native()});
        return words;
    }

    RamFolder folder_;
    fs::path image_ = folder_ / "card.img";
};

TEST_F(StoppedSchnapps, RollsBackToItsEnd) {
    const MountedImage card(image_, partition_start, "btrfs", 0, "subvol=@");
    const HeldUpProgram hook(folder_ / "hook", card / "etc/schnapps/rollback.d/10-wait");
    RunningProgram schnapps(command(card.path(), {"rollback", "1"}));
    hook.wait_until_it_waits();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        schnapps.send_to_group(signal);
        schnapps.wait_for("SIG" + std::string(::sigabbrev_np(signal)) + " is refused");
    }
    hook.go_on();
    EXPECT_EQ(schnapps.wait(), 0) << schnapps.output();
    const MountedImage top(image_, partition_start, "btrfs", 0, "subvolid=5");
    EXPECT_FALSE(fs::exists(top / "@/etc/schnapps/rollback.d/10-wait")) << "@ is not the snapshot";
    EXPECT_TRUE(fs::exists(top / "@/etc/turris-version"));
}

TEST_F(StoppedSchnapps, WaitingForAnotherEndsAtOnce) {
    const MountedImage card(image_, partition_start, "btrfs", 0, "subvolid=5");
    const auto before = names_in(card.path());
    const UniqueFd other(::open(card.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    RunningProgram schnapps(command(card / "@", {"create", "too late"}));
    schnapps.wait_for("waiting for another schnapps");
    schnapps.send_to_group(SIGINT);
    EXPECT_EQ(schnapps.wait(), 128 + SIGINT) << schnapps.output();
    EXPECT_EQ(names_in(card.path()), before);
}

TEST_F(StoppedSchnapps, ExportLeavesNothingBehind) {
    {
        const MountedImage card(image_, partition_start, "btrfs", 0, "subvol=@");
        write_file(card / "large", noise(slow_size));
    }
    const auto destination = folder_ / "exports";
    fs::create_directory(destination);
    const auto shown = placeholder(folder_, "shown");
    auto daemon = StorageDaemon::slow(image_, shown);
    {
        const MountedImage card(shown, partition_start, "btrfs", 0, "subvol=@");
        const MountedImage top(shown, partition_start, "btrfs", 0, "subvolid=5");
        const auto before = names_in(top.path());
        RunningProgram schnapps(command(card.path(), {"export", destination}));
        wait_until_it_writes_in(schnapps, destination);
        schnapps.send_to_group(SIGINT);
        EXPECT_EQ(schnapps.wait(), 128 + SIGINT) << schnapps.output();
        EXPECT_EQ(names_in(destination), std::vector<std::string>());
        EXPECT_EQ(names_in(top.path()), before);
    }
    daemon.stop();
}

TEST(StoppedPacking, LeavesNothingBehind) {
    const RamFolder folder;
    const auto image = folder / "tree.img";
    make_disk(image, Bytes{64 << 20}, Table::none);
    make_filesystem(image, Table::none, "ext4");
    {
        const MountedImage tree(image, 0, "ext4");
        write_file(tree / "large", noise(slow_size));
    }
    const auto output = folder / "output";
    fs::create_directory(output);
    const auto shown = placeholder(folder, "shown");
    auto daemon = StorageDaemon::slow(image, shown);
    {
        const MountedImage tree(shown, 0, "ext4");
        RunningProgram medkit({MEDKIT_PROGRAM, "pack", tree.path(), "-o", output / "mox-medkit.tar.gz"});
        wait_until_it_writes_in(medkit, output);
        medkit.send_to_group(SIGTERM);
        EXPECT_EQ(medkit.wait(), 128 + SIGTERM) << medkit.output();
        EXPECT_EQ(names_in(output), std::vector<std::string>());
    }
    daemon.stop();
}

}  // namespace
}  // namespace mox::test_support
