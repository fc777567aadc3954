// Cards and sticks that fail in the middle of mode 4: the right code, a message, an end in bounded time.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdint>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "support/card_images.hpp"
#include "support/environment_image.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"
#include "support/storage_daemon.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Mode 4 with a card and a stick, of which one breaks down at some moment.
class DriveTrouble : public testing::Test {
protected:
    DriveTrouble() {
        make_card_with_whole_system(card_);
        make_disk(stick_, Bytes{64 << 20}, Table::dos);
        make_filesystem(stick_, Table::dos, "ext4", table_.content());
    }

    /// Runs it; `broken` breaks down as soon as the program says `moment`.
    ChildResult run_until(const std::string& moment, const AttachedImage& card, const AttachedImage& stick,
                          const StorageDaemon& broken) {
        ChildResult result;
        const auto status =
            run_child_streaming({MOX_RESCUE_PROGRAM, "run", "4", "--yes", "--keys", table_.keys(), "--card",
                                 card.node(), "--drive", stick.node(), "--boot-environment", environment()},
                                90s, [&](std::string_view part) -> Expected<void> {
                                    result.output.append(part);
                                    if (result.output.contains(moment)) broken.break_down();
                                    return {};
                                });
        result.exit_status = status.value_or(-1);
        return result;
    }

    /// A boot environment that is damaged.
    fs::path environment() {
        const auto image = table_.folder() / "environment";
        std::ofstream(image) << std::string(0x10000, 'x');
        const auto config = table_.folder() / "fw_env.config";
        std::ofstream(config) << image.native() << " 0x0 0x10000 0x10000\n";
        return config;
    }

    /// A boot environment as a router has it.
    fs::path sound_environment() {
        const auto text = table_.folder() / "environment.txt";
        std::ofstream(text) << "bootcmd=run distro_bootcmd\nboot_targets=mmc0 usb0\n";
        const auto image = table_.folder() / "environment";
        run({"mkenvimage", "-s", "0x10000", "-o", image, text});
        const auto config = table_.folder() / "fw_env.config";
        std::ofstream(config) << image.native() << " 0x0 0x10000\n";
        return config;
    }
    std::string variables() { return variables_in(read_file(table_.folder() / "environment")); }

    std::vector<std::string> command(const AttachedImage& card, const AttachedImage& stick,
                                     const fs::path& environment) {
        return {MOX_RESCUE_PROGRAM,   "run",      "4",         "--yes",   "--keys",
                table_.keys(),        "--card",   card.node(), "--drive", stick.node(),
                "--boot-environment", environment};
    }

    fs::path shown(const std::string& name = "shown") {
        auto path = table_.folder() / name;
        std::ofstream(path).flush();
        fs::resize_file(path, 0);
        return path;
    }

    RescueTable table_;
    fs::path card_ = table_.folder() / "card.img";
    fs::path stick_ = table_.folder() / "stick.img";
};

TEST_F(DriveTrouble, ACardThatGoesInTheMiddleIsCode3) {
    const auto through = shown();
    const auto daemon = StorageDaemon::showing(card_, through);
    const AttachedImage card(through);
    const AttachedImage stick(stick_);
    const auto result = run_until("unpacking", card, stick, daemon);
    EXPECT_EQ(result.exit_status, 3) << result.output;
    EXPECT_TRUE(result.output.contains("cannot be partitioned and formatted")) << result.output;
    EXPECT_TRUE(result.output.contains("try another card")) << result.output;
}

/// Whether a file that is open was forgotten by the kernel: it must be read again.
bool forget(const fs::path& file_name) {
    const UniqueFd file(::open(file_name.c_str(), O_RDONLY | O_CLOEXEC));
    return file && ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0;
}

/// What the kernel remembers of the medkit that `program` has open is forgotten, and so is what it remembers
/// of `drive`, the image below it.
void forget_medkit_of(pid_t program, const fs::path& drive) {
    int forgotten = 0;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(program) + "/fd")) {
        std::error_code gone;
        if (!fs::read_symlink(entry, gone).native().ends_with("/mox-medkit-latest.tar.gz")) continue;
        if (forget(entry.path())) ++forgotten;
    }
    ASSERT_GT(forgotten, 0) << "the program has no medkit open";
    ASSERT_TRUE(forget(drive)) << drive;
}

// The medkit is good and has been verified; the stick goes when it is read for the second time.
TEST_F(DriveTrouble, AStickThatGoesWhileItIsUnpackedBesideIsCode2AndTheOldSystemStays) {
    const auto id = btrfs_id(card_);
    const auto stick_daemon = StorageDaemon::slow(stick_, shown("shown-stick"));
    auto card_daemon = StorageDaemon::showing(card_, shown("shown-card"));
    {
        AttachedImage card(table_.folder() / "shown-card");
        const AttachedImage stick(table_.folder() / "shown-stick");
        RunningProgram rescue(command(card, stick, sound_environment()));
        rescue.wait_for("checking USB drive");
        card_daemon.hold();
        rescue.wait_for("taking the medkit to memory");  // verified; it is waiting for the card now
        forget_medkit_of(rescue.pid(), table_.folder() / "shown-stick");
        stick_daemon.break_down();
        card_daemon.go_on();
        EXPECT_EQ(rescue.wait(), 2) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("unpacking")) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("reading it again failed")) << rescue.output();
        EXPECT_FALSE(rescue.output().contains("formatted")) << rescue.output();
        card.detach();
    }
    card_daemon.stop();
    EXPECT_EQ(btrfs_id(card_), id);
    const MountedImage after(card_, partition_start, "btrfs");
    EXPECT_EQ(names_in(after.path()),
              (std::vector<std::string>{"1.info", "2.info", "@", "@1", "@2", "@factory", "boot.scr"}));
    EXPECT_FALSE(variables().contains("force_mode")) << "nothing is to be brought to its end";
}

TEST_F(DriveTrouble, AStickThatGoesAfterFormattingLeavesAMarkerAndTheNextTrySucceeds) {
    make_empty_card(card_, card_size);
    const auto environment = sound_environment();
    const auto programs = table_.folder() / "programs";
    const auto mkfs = HeldUpProgram::before(programs, "mkfs.btrfs");
    {
        const auto through = shown();
        const auto daemon = StorageDaemon::showing(stick_, through);
        const AttachedImage card(card_);
        const AttachedImage stick(through);
        RunningProgram rescue(command(card, stick, environment), Connection::pipe, programs);
        mkfs.wait_until_it_waits();
        forget_medkit_of(rescue.pid(), through);
        daemon.break_down();
        mkfs.go_on();
        EXPECT_EQ(rescue.wait(), 2) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("reading it again failed")) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("the card was formatted and holds no system now"))
            << rescue.output();
    }
    EXPECT_TRUE(variables().contains("force_mode=4")) << "the boot loader would not come back";
    {
        const MountedImage empty(card_, partition_start, "btrfs");
        EXPECT_EQ(names_in(empty.path()), std::vector<std::string>());
    }
    const auto again = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, stick_,
                                            {"--boot-environment", environment});
    EXPECT_EQ(again.exit_status, 0) << again.output;
    EXPECT_EQ(flaws_of_flashed_card(card_, table_.description()), std::vector<std::string>());
    EXPECT_FALSE(variables().contains("force_mode")) << variables();
}

TEST_F(DriveTrouble, AStickThatGoesWhileItIsCheckedIsCode2AndTheOldSystemStays) {
    const auto through = shown();
    const auto before = image_digest(card_);
    const auto daemon = StorageDaemon::showing(stick_, through);
    {
        const AttachedImage card(card_);
        const AttachedImage stick(through);
        const auto result = run_until("checking USB drive", card, stick, daemon);
        EXPECT_EQ(result.exit_status, 2) << result.output;
        EXPECT_TRUE(result.output.contains("Input/output error")) << result.output;
    }
    EXPECT_EQ(image_digest(card_), before) << "the card was written";
}

// Its checksum is wrong, so the boot loader uses its defaults. A marker that stands alone is written for the
// time in which the card holds no system, and taken away again.
TEST_F(DriveTrouble, ADamagedBootEnvironmentIsToldAndStaysUnused) {
    make_damaged_card(card_, Bytes{512 << 20}, Damage::super_blocks);  // it must be formatted
    const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, stick_,
                                             {"--boot-environment", environment()});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(
        result.output.contains("no boot environment is stored: the boot loader's defaults are in force"))
        << result.output;
    EXPECT_TRUE(result.output.contains("the boot environment is updated")) << result.output;
    EXPECT_FALSE(variables().contains("bootcmd=")) << "an environment that stands alone was left behind";
}

}  // namespace
}  // namespace mox::test_support
