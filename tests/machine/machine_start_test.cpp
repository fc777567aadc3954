// What the machine is for: the shipped kernel, initramfs and the unmodified device tree of a MOX run on it,
// started directly and by boot loaders from the NOR.

#include "board/play.hpp"

#include <gtest/gtest.h>

#include "disk_images/image_file.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/user_at_board.hpp"

namespace mox::machine_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using board_test::must;
using board_test::Play;
using led_decoder::Sign;
using virtual_mox::LedWatch;
using virtual_mox::Machine;
using virtual_mox::MachineSetup;
using virtual_mox::Medium;

/// For all that waits for software on the machine: a busy host makes it slow, not wrong.
constexpr auto patience = 600s;

class MachineStart : public ::testing::Test {
protected:
    [[nodiscard]] MachineSetup start_directly(const std::string& arguments = {}) {
        auto setup = must(virtual_mox::prepare_board(directory_ / "board", board_test::built, {}));
        setup.start = must(virtual_mox::direct_start(board_test::image_folder(), arguments));
        return setup;
    }

    /// `loader`: the content of the partition a53-firmware.
    [[nodiscard]] MachineSetup start_from_nor(const std::string& loader) {
        virtual_mox::NorContent content;
        content.boot_loader = must(virtual_mox::built_file(board_test::built, loader));
        content.rescue_image = must(virtual_mox::built_file(board_test::image_folder(), "image.fit.lzma"));
        return must(virtual_mox::prepare_board(directory_ / "board", board_test::built, content));
    }

    test_support::TemporaryDirectory directory_;
};

/// What was said goes to the test's output, for those who look for why.
Play expect(Machine& board, std::string text) {
    must(co_await board.console().expect(std::move(text), patience));
}

TEST_F(MachineStart, TheShippedImageAnnouncesModesAndTakesThePress) {
    board_test::run(start_directly(), [](Machine& board) -> Play {
        LedWatch led(board);
        must(co_await board.power_on());
        const auto first = must(co_await led.until(Sign::announcement, patience));
        EXPECT_EQ(first.blinks, 1);
        must(co_await board.press_for(300ms));
        const auto second = must(co_await led.until(Sign::announcement, patience));
        EXPECT_EQ(second.blinks, 2);
    });
}

TEST_F(MachineStart, DriversOfTheUnmodifiedTreeFindTheirDevices) {
    const auto card = directory_ / "card.img";
    const auto stick = directory_ / "stick.img";
    must(disk_images::make_sparse_image(card, Bytes{64ULL << 20}));
    must(disk_images::make_sparse_image(stick, Bytes{32ULL << 20}));
    board_test::run(start_directly("rescue_mode=7 force_mode=7"), [&](Machine& board) -> Play {
        must(co_await board.insert_card(Medium(card)));
        must(co_await board.insert_stick("stick", Medium(stick)));
        must(co_await board.power_on());
        // What the kernel says about the card is no sign: init keeps it from the console soon after it
        // starts.
        co_await expect(board, "# ");
        must(board.console().type(
            "until [ -e /dev/mmcblk0 ] && [ -e /dev/sda ]; do sleep 0.1; done; grep -c . /proc/mtd; ls "
            "/sys/class/rtc /sys/block; "
            "ls /sys/class/watchdog; ls /sys/devices/platform/leds/leds; echo END-OF-LIST\n"));
        const auto list = must(co_await board.console().expect("\nEND-OF-LIST", patience)).before;
        for (const auto* name : {"6\r\n", "rtc0", "mmcblk0", "sda", "watchdog0", "mox:red:activity"})
            EXPECT_NE(list.find(name), std::string::npos) << name << " is not in:\n" << list;
    });
}

TEST_F(MachineStart, TheBoardsOwnLoaderStartsTheRescueImageFromTheNor) {
    board_test::run(start_from_nor("mox-loader.bin"), [](Machine& board) -> Play {
        LedWatch led(board);
        must(co_await virtual_mox::enter_rescue(board));
        EXPECT_EQ(must(co_await led.until(Sign::announcement, patience)).blinks, 1);
    });
}

TEST_F(MachineStart, ALoaderThatUnpacksWhereThatOf2018DoesStartsIt) {
    board_test::run(start_from_nor("mox-loader-2018.bin"), [](Machine& board) -> Play {
        LedWatch led(board);
        must(co_await board.press());
        must(co_await board.power_on());
        co_await expect(board, "Starting kernel");
        must(co_await board.release());
        EXPECT_EQ(must(co_await led.until(Sign::announcement, patience)).blinks, 1);
    });
}

TEST_F(MachineStart, DebiansKernelStartsAShellAndItsDriversFindTheirDevices) {
    const auto card = directory_ / "card.img";
    must(disk_images::make_sparse_image(card, Bytes{64ULL << 20}));
    auto setup = must(virtual_mox::prepare_board(directory_ / "board", board_test::built, {}));
    setup.start = virtual_mox::DirectStart{
        .kernel = must(virtual_mox::built_file(board_test::built, "debian-Image")),
        .initramfs = must(virtual_mox::built_file(board_test::built, "debian-initramfs.cpio")),
        .device_tree = must(virtual_mox::built_file(board_test::built, "debian.dtb"))};
    board_test::run(setup, [&](Machine& board) -> Play {
        must(co_await board.insert_card(Medium(card)));
        must(co_await board.power_on());
        co_await expect(board, "/ # ");
        must(board.console().type(
            "\runtil [ -e /dev/mmcblk0 ]; do sleep 0.1; done; uname -r; ls /sys/block /sys/class/rtc "
            "/sys/class/watchdog /sys/class/leds /sys/class/mtd; "
            "cat /sys/firmware/turris-mox-rwtm/serial_number; head -c 16 /dev/hwrng | wc -c; "
            "dd if=/dev/mmcblk0 of=/dev/null bs=1M; echo END-OF-''LIST\r"));
        const auto list = must(co_await board.console().expect("END-OF-LIST", patience)).before;
        for (const auto* name : {"-arm64\r\n", "rtc0", "mmcblk0", "watchdog0", "mox:red:activity", "mtd0",
                                 "\n16\r\n", "64+0 records in"})
            EXPECT_NE(list.find(name), std::string::npos) << name << " is not in:\n" << list;
    });
}

}  // namespace
}  // namespace mox::machine_test
