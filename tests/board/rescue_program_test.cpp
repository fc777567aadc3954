// A rescue program that is killed or hangs. The image is the shipped one; the kernel's command line starts
// its shell first, which leaves a saboteur behind and becomes init.

#include <gtest/gtest.h>

#include "board/rescue_board.hpp"

namespace mox::board_test {
namespace {

using led_decoder::Sign;

class RescueProgram : public RescueBoard {
protected:
    /// The rescue system starts with `sabotage`, shell commands, running in the background.
    Play starts_with(std::string sabotage) {
        must(co_await board().power_on());
        co_await sees("/ # ");
        must(console().type("mount -t devtmpfs dev /dev; (" + sabotage + ") & exec /init\r"));
    }
};

TEST_F(RescueProgram, ThatIsKilledIsStartedAgain) {
    assemble_in_rescue("rdinit=/bin/sh");
    act([&]() -> Play {
        virtual_mox::LedWatch watch(board());
        co_await starts_with("sleep 4; kill -9 $(pidof mox-rescue)");
        co_await sees("selecting a mode");
        co_await sees("selecting a mode");
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1);
    });
}

TEST_F(RescueProgram, ThatDiesThreeTimesInAMinuteIsGivenUpWithCodeFiveAndAShell) {
    assemble_in_rescue("rdinit=/bin/sh");
    act([&]() -> Play {
        co_await starts_with("for i in 1 2 3; do sleep 4; kill -9 $(pidof mox-rescue); done");
        EXPECT_EQ(co_await error_code(), 5);
        must(console().type("\recho al''ive\r"));
        co_await sees("alive");
        // Fed by init itself: nobody is thrown out of the shell.
        const auto since = board().events().end();
        co_await board().passes(5s);
        EXPECT_EQ(board().events().end(), since);
    });
}

TEST_F(RescueProgram, ThatHangsHasTheBoardResetByTheWatchdog) {
    assemble_in_rescue("rdinit=/bin/sh");
    act([&]() -> Play {
        co_await starts_with("sleep 4; kill -STOP $(pidof mox-rescue)");
        co_await sees("selecting a mode");
        const auto since = board().events().end();
        static_cast<void>(must(co_await board().event("WATCHDOG", since, mode_patience)));
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
        co_await sees("Booting Linux");
    });
}

}  // namespace
}  // namespace mox::board_test
