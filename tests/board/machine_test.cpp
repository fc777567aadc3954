// The board itself, before anything of ours runs on it: power, button, LED, console, slots, by its boot
// loader.

#include "virtual_mox/machine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "base/unique_fd.hpp"
#include "board/play.hpp"
#include "disk_images/image_file.hpp"
#include "support/power_cut.hpp"
#include "support/write_log.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/user_at_board.hpp"

namespace mox::virtual_mox {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;
using board_test::must;
using board_test::Play;

/// For what the boot loader does: it starts in seconds on a quiet machine.
constexpr auto patience = 600s;

constexpr auto button_held = "RESET button was pressed";

/// A board whose NOR holds no rescue image, and no card in its slot.
class MachineTest : public testing::Test {
protected:
    MachineSetup setup(const boot::Variables& changes = {}) {
        auto environment = must(default_environment(board_test::built / "mox-loader.bin"));
        for (const auto& [name, value] : changes) environment.insert_or_assign(name, value);
        return must(prepare_board(folder / "board", board_test::built, {.environment = environment}));
    }

    /// Does nothing without the button, and looks for a rescue image with it; then stops at its prompt.
    MachineSetup setup_that_samples() {
        return setup({{"boot_targets", "none"}, {"bootcmd_none", "echo Normal boot"}, {"bootdelay", "0"}});
    }

    test_support::TemporaryDirectory folder;
};

TEST_F(MachineTest, TheBootLoaderLightsTheLedAndStartsRescueWhenTheButtonIsHeld) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        const auto entered = must(co_await enter_rescue(board));
        EXPECT_GT(entered.dark, entered.lit);
        must(co_await board.console().expect(button_held, patience));
        must(co_await board.console().expect("SF: Detected", patience));
    });
}

TEST_F(MachineTest, WithoutTheButtonTheLedStaysOnAndTheCardIsBooted) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        must(co_await board.power_on());
        must(co_await board.console().expect("Normal boot", patience));
        EXPECT_TRUE(board.led_is_lit());
        EXPECT_EQ(board.led_edges().end(), 1U);
        EXPECT_EQ(board.console().text().find(button_held), std::string::npos);
    });
}

TEST_F(MachineTest, AButtonThatIsHeldOnlyForHalfASecondIsANormalBoot) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        must(co_await board.press());
        must(co_await board.power_on());
        EXPECT_TRUE(co_await board.led_edges().reaches(0, Clock::now() + patience));
        co_await board.passes(500ms);
        must(co_await board.release());
        must(co_await board.console().expect("Normal boot", patience));
        EXPECT_TRUE(board.led_is_lit());
    });
}

TEST_F(MachineTest, TheButtonStaysHeldOverAReset) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        must(co_await board.power_on());
        must(co_await board.console().expect("Normal boot", patience));
        must(co_await board.press());
        const auto since = board.events().end();
        must(co_await board.reset());
        must(co_await board.event("RESET", since, patience));
        must(co_await board.console().expect(button_held, patience));
    });
}

TEST_F(MachineTest, PullingThePlugPutsTheLedOutAndPowerCanComeBack) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        for (int i = 0; i < 3; ++i) {
            must(co_await board.power_on());
            EXPECT_TRUE(board.has_power());
            must(co_await board.console().expect("Normal boot", patience));
            EXPECT_TRUE(board.led_is_lit());
            board.pull_plug();
            EXPECT_FALSE(board.led_is_lit());
            EXPECT_FALSE(board.has_power());
        }
        EXPECT_EQ(board.led_edges().end(), 6U);
    });
}

TEST_F(MachineTest, ABoardThatSwitchesItselfOffHasNoPowerAnyMore) {
    auto prepared = setup();
    prepared.start = must(direct_start(board_test::built, "rdinit=/bin/sh"));
    board_test::run(prepared, [](Machine& board) -> Play {
        must(co_await board.power_on());
        must(co_await board.console().expect("/ # ", patience));
        must(board.console().type("poweroff -f\r"));
        must(co_await board.powers_off(patience));
        EXPECT_FALSE(board.has_power());
        EXPECT_FALSE(board.led_is_lit());
    });
}

TEST_F(MachineTest, WhatIsTypedOnTheConsoleIsObeyed) {
    board_test::run(setup_that_samples(), [](Machine& board) -> Play {
        must(co_await board.power_on());
        must(co_await board.console().expect("=> ", patience));
        must(board.console().type("echo $bootdelay is the delay\r"));
        const auto shown = must(co_await board.console().expect("0 is the delay\r\n", patience));
        EXPECT_LT(shown.at, Clock::now());
        EXPECT_GT(shown.at, board.powered_on_at());
    });
}

TEST_F(MachineTest, TheBootLoadersOwnEnvironmentBootsTheCardFirst) {
    const auto variables = must(default_environment(board_test::built / "mox-loader.bin"));
    EXPECT_TRUE(variables.at("boot_targets").starts_with("mmc0 ")) << variables.at("boot_targets");
    EXPECT_TRUE(variables.contains("bootcmd_rescue"));
}

TEST_F(MachineTest, ADamagedEnvironmentIsReplacedByTheBuiltInOneAndTheButtonStillWorks) {
    const auto prepared = setup();
    must(damage_environment(prepared.nor));
    EXPECT_FALSE(read_environment(prepared.nor));
    board_test::run(prepared, [](Machine& board) -> Play {
        static_cast<void>(must(co_await enter_rescue(board)));
        must(co_await board.console().expect("bad CRC", patience));
        must(co_await board.console().expect(button_held, patience));
    });
}

TEST_F(MachineTest, CardAndStickComeAndGoWhileTheBoardRuns) {
    const auto card = folder / "card.img";
    const auto stick = folder / "stick.img";
    must(disk_images::make_sparse_image(card, 1_GiB));
    must(disk_images::make_sparse_image(stick, 64_MiB));
    board_test::run(setup_that_samples(), [&](Machine& board) -> Play {
        auto& console = board.console();
        must(co_await board.insert_card(Medium(card)));
        must(co_await board.power_on());
        must(co_await console.expect("=> ", patience));
        must(console.type("mmc dev 0; mmc info; usb start; usb storage; echo do''ne\r"));
        auto shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_NE(shown.find("Capacity: 1 GiB"), std::string::npos) << shown;
        EXPECT_EQ(shown.find("Capacity: 64.0 MB"), std::string::npos) << shown;

        must(co_await board.pull_card());
        must(co_await board.insert_stick("medkit", Medium(stick)));
        must(console.type("mmc rescan; usb reset; usb storage; echo do''ne\r"));
        shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_EQ(shown.find("Capacity: 1 GiB"), std::string::npos) << shown;
        EXPECT_NE(shown.find("Capacity: 64.0 MB"), std::string::npos) << shown;

        must(co_await board.insert_card(Medium(card)));
        must(co_await board.pull_stick("medkit"));
        must(console.type("mmc rescan; mmc info; usb reset; usb storage; echo do''ne\r"));
        shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_NE(shown.find("Capacity: 1 GiB"), std::string::npos) << shown;
        EXPECT_EQ(shown.find("Capacity: 64.0 MB"), std::string::npos) << shown;
        must(co_await board.insert_stick("medkit", Medium(stick)));
    });
}

TEST_F(MachineTest, ACardReportsThatItCannotBeWrittenAnyMore) {
    const auto card = folder / "card.img";
    must(disk_images::make_sparse_image(card, 64_MiB));
    board_test::run(setup_that_samples(), [&](Machine& board) -> Play {
        auto& console = board.console();
        must(co_await board.insert_card(Medium(card)));
        must(co_await board.power_on());
        must(co_await console.expect("=> ", patience));
        must(console.type("mmc dev 0; mmc write 0x6000000 0 8; echo do''ne\r"));
        auto shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_NE(shown.find("8 blocks written: OK"), std::string::npos) << shown;

        const std::vector faults{MediumFault{.when = MediumFault::When::write, .error_number = EIO}};
        must(co_await board.inject_card_faults(faults));
        must(console.type("mmc write 0x6000000 0 8; mmc rescan; mmc read 0x6000000 0 8; echo do''ne\r"));
        shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_EQ(shown.find("blocks written: OK"), std::string::npos) << shown;
        EXPECT_NE(shown.find("8 blocks read: OK"), std::string::npos) << shown;
    });
}

TEST_F(MachineTest, EveryWriteToACardIsInItsLog) {
    Medium card(folder / "card.img");
    card.write_log = folder / "card.log";
    must(disk_images::make_sparse_image(card.image, 64_MiB));
    must(disk_images::make_sparse_image(*card.write_log, 0_B));
    board_test::run(setup_that_samples(), [&](Machine& board) -> Play {
        auto& console = board.console();
        must(co_await board.insert_card(card));
        must(co_await board.power_on());
        must(co_await console.expect("=> ", patience));
        must(console.type("mw.b 0x6000000 5a 1000; mmc dev 0; mmc write 0x6000000 10 8; echo do''ne\r"));
        const auto shown = must(co_await console.expect("done\r\n", patience)).before;
        EXPECT_NE(shown.find("8 blocks written: OK"), std::string::npos) << shown;
        must(co_await board.pull_card());
    });
    const test_support::MappedFile log(*card.write_log);
    const auto requests = must(test_support::parse_write_log(log.bytes()));
    std::uint64_t written = 0;
    for (const auto& request : requests) {
        if (request.data.empty()) continue;
        EXPECT_EQ(request.offset, std::uint64_t{0x10} * 512 + written) << "in order";
        EXPECT_EQ(request.data.front(), std::byte{0x5a});
        written += request.length;
    }
    EXPECT_EQ(written, 8U * 512);
}

/// A process that powers a board on and dies without a chance to clean up. Returns QEMU's number and the end
/// of the pipe that the process waits on.
std::pair<pid_t, UniqueFd> board_of_another_process(const MachineSetup& setup) {
    std::array<int, 2> answer{}, order{};
    if (::pipe2(answer.data(), O_CLOEXEC) != 0 || ::pipe2(order.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe");
    if (::fork() == 0) {
        ::close(order[1]);
        board_test::run(setup, [&](Machine& board) -> Play {
            must(co_await board.power_on());
            const pid_t qemu = board.pid().value();
            char nothing = 0;
            if (::write(answer[1], &qemu, sizeof qemu) != sizeof qemu) ::_exit(1);
            ::_exit(static_cast<int>(::read(order[0], &nothing, 1)));
        });
        ::_exit(1);
    }
    for (const int fd : {answer[1], order[0]}) ::close(fd);
    pid_t qemu = -1;
    const UniqueFd from(answer[0]);
    if (::read(from.get(), &qemu, sizeof qemu) != sizeof qemu)
        throw std::runtime_error("no board was powered on");
    return {qemu, UniqueFd(order[1])};
}

TEST_F(MachineTest, QemuDiesWithTheProcessThatStartedIt) {
    auto [qemu, order] = board_of_another_process(setup_that_samples());
    const UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, qemu, 0)));
    ASSERT_TRUE(end) << "QEMU should run";
    pollfd ended{.fd = end.get(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&ended, 1, 100), 0) << "it runs as long as the other process lives";
    order.reset();  // now the other process dies
    EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
    ::wait(nullptr);
}

TEST_F(MachineTest, AQemuThatCannotStartSaysWhy) {
    auto prepared = setup();
    prepared.more_options = {"-device", "no-such-device"};
    board_test::run(prepared, [](Machine& board) -> Play {
        const auto started = co_await board.power_on();
        EXPECT_FALSE(started);
        EXPECT_NE(started.error().describe().find("'no-such-device' is not a valid device model"),
                  std::string::npos)
            << started.error().describe();
        EXPECT_FALSE(board.has_power());
        EXPECT_FALSE(board.console().type("echo\r"));
    });
    prepared.qemu = "qemu-that-is-not-installed";
    board_test::run(prepared, [](Machine& board) -> Play {
        const auto started = co_await board.power_on();
        EXPECT_FALSE(started);
        EXPECT_NE(started.error().describe().find("Is it installed?"), std::string::npos)
            << started.error().describe();
    });
}

}  // namespace
}  // namespace mox::virtual_mox
