// What the machine is for: the shipped kernel, initramfs and the unmodified device tree of a MOX run on it,
// started directly and by boot loaders from the NOR.

#include "board/play.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "media/image_file.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/person_at_board.hpp"

namespace mox::machine_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using board_test::must;
using board_test::Play;
using onlooker::Sign;
using virtual_mox::LedWatch;
using virtual_mox::Machine;
using virtual_mox::MachineSetup;
using virtual_mox::Medium;

/// For all that waits for software on the machine: a busy host makes it slow, not wrong.
constexpr auto patience = 240s;

// The NOR of a MOX
constexpr std::size_t nor_size = 8UL << 20U;
constexpr std::streamoff loader_start = 0x20000;
constexpr std::streamoff rescue_start = 0x190000;

fs::path built(const std::string& name) {
    return must(virtual_mox::built_file(board_test::built, name));
}

void put(const fs::path& nor, std::streamoff at, const fs::path& content) {
    std::ifstream from(content, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(from), {}};
    std::fstream to(nor, std::ios::binary | std::ios::in | std::ios::out);
    to.seekp(at);
    to << bytes;
}

class MachineStart : public ::testing::Test {
protected:
    MachineStart() { std::ofstream(nor_, std::ios::binary) << std::string(nor_size, '\xff'); }

    [[nodiscard]] MachineSetup setup() {
        const char* given = std::getenv("MOX_QEMU");
        MachineSetup setup;
        setup.folder = directory_.path();
        setup.nor = nor_;
        setup.turris_mox.emplace().qemu = given != nullptr ? fs::path(given) : built("qemu-system-aarch64");
        return setup;
    }

    [[nodiscard]] MachineSetup direct_start() {
        auto direct = setup();
        direct.turris_mox->start.emplace(virtual_mox::DirectStart{
            .kernel = built("Image"),
            .initramfs = built("initramfs.cpio"),
            .device_tree = built("armada-3720-turris-mox.dtb"),
        });
        return direct;
    }

    /// `loader`: the content of the partition a53-firmware.
    [[nodiscard]] MachineSetup start_from_nor(const std::string& loader) {
        put(nor_, loader_start, built(loader));
        put(nor_, rescue_start, built("image.fit.lzma"));
        // A loader reads the NOR byte by byte, and its watchdog has 60 s: on a busy host it would not come to
        // an end.
        auto from_nor = setup();
        from_nor.turris_mox->time_by_instructions = true;
        return from_nor;
    }

    test_support::TemporaryDirectory directory_;
    fs::path nor_ = directory_ / "nor.img";
};

/// What was said goes to the test's output, for those who look for why.
Play expect(Machine& board, std::string text) {
    must(co_await board.console().expect(std::move(text), patience));
}

TEST_F(MachineStart, TheShippedImageAnnouncesModesAndTakesThePress) {
    board_test::run(direct_start(), [](Machine& board) -> Play {
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
    must(media::make_sparse_image(card, Bytes{64ULL << 20}));
    must(media::make_sparse_image(stick, Bytes{32ULL << 20}));
    auto direct = direct_start();
    direct.turris_mox->start->command_line += " rescue_mode=7 force_mode=7";
    board_test::run(direct, [&](Machine& board) -> Play {
        must(co_await board.insert_card(Medium(card)));
        must(co_await board.insert_stick("stick", Medium(stick)));
        must(co_await board.power_on());
        co_await expect(board, "mmcblk0: mmc0:");
        co_await expect(board, "# ");
        must(board.console().type(
            "grep -c . /proc/mtd; ls /sys/class/rtc /sys/block; "
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

}  // namespace
}  // namespace mox::machine_test
