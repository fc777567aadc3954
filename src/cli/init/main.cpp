// Process 1 of the rescue system. It has only what must be in process 1; the rescue program does the rest,
// and tests can run that without process 1.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "board/evdev_button.hpp"
#include "board/sysfs_led.hpp"
#include "board/this_board.hpp"
#include "board/watchdog.hpp"
#include "boot/reboot.hpp"
#include "cli/command_table.hpp"
#include "cli/main_functions.hpp"
#include "cli/version.hpp"
#include "console/console_progress.hpp"
#include "init/rescue_supervision.hpp"
#include "init/shutdown.hpp"
#include "init/system_mounts.hpp"

namespace mox::cli {

namespace {

namespace asio = boost::asio;

/// Short, but long enough for a program that is slow under load.
constexpr std::chrono::seconds watchdog_timeout{30};

/// Much less than the timeout of the watchdog.
constexpr std::chrono::seconds process_end_timeout{3};

constexpr auto search_path = "/usr/sbin:/usr/bin:/sbin:/bin";

struct InitOptions {
    std::string program{"/sbin/mox-rescue"};
    std::filesystem::path console{"/dev/console"};
    std::filesystem::path terminal;  ///< empty: the board's serial console
    std::filesystem::path watchdog;  ///< empty: the board's
    bool mounts = true;
};

/// The kernel passes every unknown word of its command line to process 1: ignore them. The options are for
/// tests, which have other devices than a board.
InitOptions read_options(int argc, const char* const* argv) {
    InitOptions options;
    bool no_mounts = false;
    CLI::App app{"The first process of the rescue system.", "init"};
    app.allow_extras();
    app.set_help_flag();
    app.add_option("--program", options.program);
    app.add_option("--console", options.console);
    app.add_option("--terminal", options.terminal);
    app.add_option("--watchdog", options.watchdog);
    app.add_flag("--no-mounts", no_mounts);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::cerr << "init: " << error.what() << "\n";
        return {};
    }
    options.mounts = !no_mounts;
    return options;
}

void set_up_system(Log& log) {
    for (const auto& message : init::mount_system()) log.error(message);
    for (const auto& message : init::set_up_console()) log.error(message);
    for (const auto& message : init::make_root_read_only()) log.error(message);
}

std::unique_ptr<board::Led> find_led(const board::Description& board, Log& log) {
    auto led = board::find_led(board, "/sys");
    if (led) return std::make_unique<board::SysfsLed>(std::move(*led));
    log.warning(led.error().describe());
    return std::make_unique<board::NoLed>();
}

std::optional<board::Watchdog> open_watchdog(const std::filesystem::path& node, Log& log) {
    auto watchdog = board::Watchdog::open(node, watchdog_timeout);
    if (watchdog) return std::move(*watchdog);
    log.error(watchdog.error().describe() + "; a board that hangs is not reset");
    return std::nullopt;
}

/// Waits for the signals that `reboot`, `halt` and `poweroff` of busybox send to process 1. A router has no
/// power switch: they all reboot it.
asio::awaitable<void> wait_for_request() {
    asio::signal_set requests(co_await asio::this_coro::executor, SIGTERM, SIGUSR1, SIGUSR2);
    requests.add(SIGINT);  // Ctrl-Alt-Del
    co_await requests.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> supervise(init::Supervised supervised) {
    using namespace asio::experimental::awaitable_operators;
    co_await (init::supervise_rescue(std::move(supervised)) || wait_for_request());
}

/// Supervises the rescue program. Returns when the board must reboot.
void run_supervision(const InitOptions& options, Log& log) {
    const auto found = board::this_board_or_mox("/");
    if (found.wrong_file) log.error(*found.wrong_file);
    const auto& board = found.board;
    asio::io_context loop;
    auto watchdog = open_watchdog(options.watchdog.empty() ? board.watchdog : options.watchdog, log);
    init::Reaper reaper;
    init::Supervised supervised{
        .program = {options.program},
        .console = options.console,
        .terminal =
            options.terminal.empty() ? std::filesystem::path("/dev") / board.console : options.terminal,
        .find_led = [&] { return find_led(board, log); },
        .find_button =
            [&] {
                const auto executor = loop.get_executor();
                return std::make_unique<board::EvdevButton>(executor, board.button_keys, "/dev/input", log);
            },
        .watchdog = watchdog,
        .reaper = reaper,
        .log = log,
    };
    asio::co_spawn(loop, reaper.reap_forever(), asio::detached);
    asio::co_spawn(loop, supervise(std::move(supervised)), [&](const std::exception_ptr& bug) {
        if (bug) std::rethrow_exception(bug);
        loop.stop();
    });
    loop.run();
}

/// Ends all processes and unmounts: file systems that the user has mounted are complete on the disk before
/// the reset.
void shut_down(const InitOptions& options, Log& log) {
    init::end_all_processes(process_end_timeout);
    if (!options.mounts) return;
    for (const auto& message : init::unmount_disks()) log.error(message);
}

}  // namespace

int init_main(int argc, char** argv) {
    if (::getpid() != 1) {
        std::cerr << "init: only for process 1 of the rescue system\n";
        return exit_usage;
    }
    // For child processes; the kernel sets no search path.
    ::setenv("PATH", search_path, 1);
    const auto options = read_options(argc, argv);
    Log log;
    console::Console console(STDERR_FILENO, console::Console::Kind::plain);
    log.add_listener([&](const LogLine& line) { console.print("init: " + to_text(line)); });
    if (options.mounts) set_up_system(log);
    log.info("mox-rescue " + std::string(version));

    run_supervision(options, log);
    shut_down(options, log);
    const auto rebooting = boot::reboot_now(board::sysrq_trigger("/"));
    log.error(rebooting.error());
    return led_code(ErrorKind::internal);  // when process 1 ends, the kernel panics and resets the board
}

}  // namespace mox::cli
