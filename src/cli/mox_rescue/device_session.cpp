#include "cli/mox_rescue/device_session.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"
#include "board/evdev_button.hpp"
#include "board/sysfs_led.hpp"
#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "cli/mox_rescue/rescue_machine.hpp"
#include "console/reporter.hpp"
#include "rescue/session.hpp"
#include "update/clock_sync.hpp"

namespace mox::cli {

namespace {

/// Process 1 also ends this process; this is much longer than it needs.
constexpr std::chrono::seconds process_1_timeout{15};

std::unique_ptr<board::Led> open_led(const board::Description& board, Log& log) {
    auto led = board::find_led(board, "/sys");
    if (led) return std::make_unique<board::SysfsLed>(std::move(*led));
    log.warning(led.error().describe());
    return std::make_unique<board::NoLed>();
}

rescue::SessionStart read_session_start(const RescueSession& session, const update::Context& context) {
    auto start = rescue::read_start(context.command_line, context.environment);
    start.dont_reboot = start.dont_reboot || session.dont_reboot;
    return {.start = std::move(start)};
}

rescue::ModeOutcome run_session(const RescueOptions& options, const RescueSession& session,
                                console::Reporter& reporter) {
    auto& log = reporter.log;
    auto found = board::this_board_or_mox("/");
    if (found.wrong_file) log.error(*found.wrong_file);
    if (!found.is_known) log.warning("the device tree names no known board; continuing as on a Turris MOX");
    const auto board = found.is_known ? std::optional(std::move(found.board)) : std::nullopt;
    auto machine_options = options;
    if (found.wrong_file) {
        // It may have said so. A typing error must not open the router to unsigned medkits.
        log.warning("because of that file signed medkits only are installed");
        machine_options.signature_required = true;
    }
    RescueMachine machine(machine_options, board, nullptr, reporter);
    update::advance_clock(machine.context());

    boost::asio::io_context loop;
    const auto led = open_led(machine.board(), log);
    board::EvdevButton button(loop.get_executor(), machine.board().button_keys, "/dev/input", log);
    const auto start = read_session_start(session, machine.context());
    if (session.heartbeat)
        boost::asio::co_spawn(loop, send_heartbeats(*session.heartbeat), boost::asio::detached);
    auto outcome = rescue::ModeOutcome::stay;
    boost::asio::co_spawn(
        loop,
        rescue::run_rescue_session(*led, button, machine.context(), rescue::mode_table(), start, nullptr),
        [&](const std::exception_ptr& bug, rescue::ModeOutcome result) {
            if (bug) std::rethrow_exception(bug);
            outcome = result;
            loop.stop();
        });
    loop.run();
    return outcome;
}

/// Lets process 1 reboot if it supervises this process: it can unmount the file systems that the user has
/// mounted. Returns only if the board cannot be rebooted.
Expected<void> reboot_board(const RescueSession& session) {
    const bool watched = session.heartbeat && ::getppid() == 1;
    if (watched && ::kill(1, SIGTERM) == 0) std::this_thread::sleep_for(process_1_timeout);
    return boot::reboot_now(board::sysrq_trigger("/"));
}

}  // namespace

int run_device_session(const RescueOptions& options, const RescueSession& session) {
    console::Reporter reporter;
    const StopSignals signals(
        {.stop = {}, .say = [&](std::string_view line) { reporter.log.warning(std::string(line)); }});
    const LogFile log_file(running_log, reporter.log);
    if (run_session(options, session, reporter) == rescue::ModeOutcome::stay) return 0;
    reporter.console.unpin();
    const auto rebooting = reboot_board(session);
    reporter.log.error(rebooting.error());
    return led_code(ErrorKind::internal);
}

boost::asio::awaitable<void> send_heartbeats(int descriptor) {
    const UniqueFd pipe(descriptor);
    ::fcntl(pipe.get(), F_SETFD, FD_CLOEXEC);
    // If process 1 reads slowly, the write must not block the event loop.
    ::fcntl(pipe.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        if (::write(pipe.get(), ".", 1) < 0 && errno != EAGAIN && errno != EINTR) co_return;
        timer.expires_after(heartbeat_interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

LogFile::LogFile(const std::filesystem::path& path, Log& log) : path_(path) {
    std::error_code ignored;  // then opening the file fails too, and that is logged
    std::filesystem::create_directories(path.parent_path(), ignored);
    auto file = open_file(path, O_WRONLY | O_CREAT | O_APPEND, ErrorKind::internal);
    if (!file) {
        log.warning("the log is on the console only: " + file.error().describe());
        return;
    }
    file_ = std::move(*file);
    log.add_listener([this](const LogLine& line) {
        if (file_ && !write_all(file_.get(), to_text(line) + "\n", path_.native(), ErrorKind::internal))
            file_.reset();  // no free memory: the log goes on on the console
    });
}

}  // namespace mox::cli
