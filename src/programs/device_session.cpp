#include "programs/device_session.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "base/stop_signals.hpp"
#include "board/evdev_button.hpp"
#include "board/sysfs_led.hpp"
#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "modes/rescue_session.hpp"
#include "modes/right_time.hpp"
#include "programs/heartbeat.hpp"
#include "programs/log_file.hpp"
#include "programs/reporter.hpp"
#include "programs/rescue_machine.hpp"

namespace mox::programs {

namespace {

/// It ends us as well; much longer than that takes.
constexpr std::chrono::seconds patience_with_process_1{15};

std::unique_ptr<board::Led> open_led(const board::Description& board, Log& log) {
    auto led = board::find_led(board, "/sys");
    if (led) return std::make_unique<board::SysfsLed>(std::move(*led));
    log.warning(led.error().describe());
    return std::make_unique<board::NoLed>();
}

modes::SessionStart read_session_start(const RescueSession& session, const modes::ModeContext& context) {
    auto start = selection::read_start(context.command_line, context.environment);
    start.dont_reboot = start.dont_reboot || session.dont_reboot;
    return {.start = std::move(start)};
}

modes::Afterwards run_session(const RescueOptions& options, const RescueSession& session,
                              Reporter& reporter) {
    auto& log = reporter.log;
    const auto board = board::this_board("/");
    if (!board) log.warning("the device tree names no board that we know; going on as on a Turris MOX");
    RescueMachine machine(options, board, nullptr, reporter);
    modes::put_clock_right(machine.context());

    boost::asio::io_context loop;
    const auto led = open_led(machine.board(), log);
    board::EvdevButton button(loop.get_executor(), machine.board().button_keys, "/dev/input", log);
    const auto start = read_session_start(session, machine.context());
    if (session.heartbeat) boost::asio::co_spawn(loop, beat(*session.heartbeat), boost::asio::detached);
    auto afterwards = modes::Afterwards::stay;
    boost::asio::co_spawn(
        loop, modes::run_rescue_session(*led, button, machine.context(), modes::mode_table(), start, nullptr),
        [&](const std::exception_ptr& bug, modes::Afterwards result) {
            if (bug) std::rethrow_exception(bug);
            afterwards = result;
            loop.stop();
        });
    loop.run();
    return afterwards;
}

/// Process 1 reboots if there is one that watches us: it can unmount what somebody has mounted by hand.
/// Returns only if the board cannot be rebooted.
Expected<void> leave(const RescueSession& session) {
    const bool watched = session.heartbeat && ::getppid() == 1;
    if (watched && ::kill(1, SIGTERM) == 0) std::this_thread::sleep_for(patience_with_process_1);
    return boot::reboot_now(board::sysrq_trigger("/"));
}

}  // namespace

int run_device_session(const RescueOptions& options, const RescueSession& session) {
    Reporter reporter;
    const StopSignals signals(
        {.stop = {}, .say = [&](std::string_view line) { reporter.log.warning(std::string(line)); }});
    const LogFile log_file(running_log, reporter.log);
    if (run_session(options, session, reporter) == modes::Afterwards::stay) return 0;
    reporter.console.unpin();
    const auto rebooting = leave(session);
    reporter.log.error(rebooting.error().describe());
    return led_code(ErrorKind::internal);
}

}  // namespace mox::programs
