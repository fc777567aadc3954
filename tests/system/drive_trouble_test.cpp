// Cards and sticks that fail in the middle of mode 4: the right code, a message, an end in bounded time.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/card_images.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
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

    fs::path shown() {
        auto path = table_.folder() / "shown";
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

TEST_F(DriveTrouble, AStickThatGoesInTheMiddleIsCode2AndTheOldSystemStays) {
    const auto through = shown();
    const auto daemon = StorageDaemon::showing(stick_, through);
    {
        const AttachedImage card(card_);
        const AttachedImage stick(through);
        const auto result = run_until("checking USB drive", card, stick, daemon);
        EXPECT_EQ(result.exit_status, 2) << result.output;
        EXPECT_TRUE(result.output.contains("Input/output error")) << result.output;
    }
    const MountedImage after(card_, partition_start, "btrfs");
    EXPECT_TRUE(fs::exists(after / "@/etc/turris-version"));
    EXPECT_FALSE(fs::exists(after / "@reflash.new"));
}

TEST_F(DriveTrouble, ADamagedBootEnvironmentIsToldAndGoneWithout) {
    make_damaged_card(card_, Bytes{512 << 20}, Damage::super_blocks);  // it must be formatted
    const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, stick_,
                                             {"--boot-environment", environment()});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains("going on without the boot environment")) << result.output;
    EXPECT_TRUE(result.output.contains("wrong checksum")) << result.output;
    EXPECT_TRUE(result.output.contains("the boot loader will not come back to the rescue system by itself"))
        << result.output;
}

}  // namespace
}  // namespace mox::test_support
