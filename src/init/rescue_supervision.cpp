#include "init/rescue_supervision.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <utility>

#include "async/waiting.hpp"
#include "base/running_child.hpp"
#include "board/blink_end.hpp"
#include "board/error_rhythm.hpp"

namespace mox::init {

namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using namespace asio::experimental::awaitable_operators;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// Several times within the shortest timeout of the hardware.
constexpr std::chrono::seconds between_feedings{3};

asio::awaitable<void> sleep(Clock::duration duration) {
    return async::wait_until(Clock::now() + duration);
}

class Supervision {
public:
    explicit Supervision(Supervised supervised) : with_(std::move(supervised)) {}

    asio::awaitable<void> feed_watchdog();
    asio::awaitable<void> run();

private:
    /// The rescue program and the reading end of its heartbeat pipe.
    struct Running {
        RunningChild child;
        UniqueFd heartbeat;
    };

    Expected<Running> start();
    asio::awaitable<int> run_once();
    asio::awaitable<void> read_heartbeats(stream_descriptor& heartbeat);
    asio::awaitable<void> run_shell();
    asio::awaitable<void> show_error();
    asio::awaitable<void> wait_for_press();
    void log_death(const std::string& how);

    Supervised with_;
    Supervisor supervisor_;
};

asio::awaitable<void> Supervision::feed_watchdog() {
    bool was_healthy = true;
    for (;;) {
        const bool healthy = supervisor_.is_healthy(Clock::now());
        if (was_healthy && !healthy)
            with_.log.error("the rescue program sends no heartbeat any more; " +
                            std::string(with_.watchdog ? "the watchdog will reset the board"
                                                       : "unplug the router and plug it in again"));
        was_healthy = healthy;
        if (healthy && with_.watchdog)
            if (auto fed = with_.watchdog->feed(); !fed) with_.log.error(fed.error().describe());
        co_await sleep(between_feedings);
    }
}

Expected<Supervision::Running> Supervision::start() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    UniqueFd heartbeat(ends[0]);
    // A second descriptor without O_CLOEXEC, so that this child inherits it, and no other child.
    const UniqueFd writing(ends[1]);
    const UniqueFd inherited(::dup(writing.get()));
    if (!inherited) return fail_errno(ErrorKind::internal, "pipe");
    ChildSetup setup{.argv = with_.program, .terminal = with_.console};
    setup.argv.insert(setup.argv.end(), {"--heartbeat", std::to_string(inherited.get())});
    auto child = TRY(RunningChild::start(setup));
    return Running{std::move(child), std::move(heartbeat)};
}

asio::awaitable<void> Supervision::read_heartbeats(stream_descriptor& heartbeat) {
    std::array<char, 64> bytes{};
    for (;;) {
        const auto [failure, count] = co_await heartbeat.async_read_some(asio::buffer(bytes), quietly);
        if (failure) break;
        supervisor_.on_heartbeat(Clock::now());
    }
    co_await async::wait_forever();  // the program has closed the pipe: no more heartbeats
}

/// The exit status as a shell shows it.
asio::awaitable<int> Supervision::run_once() {
    constexpr int cannot_be_run = 127;
    supervisor_.started(Clock::now());
    auto running = start();
    if (!running) {
        with_.log.error(running.error().describe());
        co_return cannot_be_run;
    }
    with_.reaper.set_own_child(running->child.pid());
    stream_descriptor heartbeat(co_await asio::this_coro::executor, running->heartbeat.release());
    co_await (async::end_of(running->child) || read_heartbeats(heartbeat));
    const int status = running->child.reap();
    with_.reaper.set_own_child(-1);
    with_.reaper.reap();  // orphans that reap() skipped while the own child was waiting to be reaped
    co_return status;
}

void Supervision::log_death(const std::string& how) {
    with_.log.error("the rescue program " + how);
}

asio::awaitable<void> Supervision::run() {
    for (;;) {
        const int status = co_await run_once();
        if (status == 0) {
            with_.log.info("the rescue program has ended and the system stays up");
            supervisor_.disable();
            co_return co_await run_shell();
        }
        log_death(status > 128 ? "was killed by signal " + std::to_string(status - 128)
                               : "ended with exit status " + std::to_string(status));
        if (supervisor_.died(Clock::now()) == RestartDecision::give_up) break;
        with_.log.info("starting it again");
    }
    with_.log.error("it died too often. The LED shows error 5; press the button to reboot, or use the shell");
    supervisor_.disable();
    co_await (run_shell() || show_error() || wait_for_press());
}

/// Ends when the user leaves the shell. Without a shell it never ends; the button still works.
asio::awaitable<void> Supervision::run_shell() {
    auto shell = RunningChild::start({.argv = with_.shell, .terminal = with_.terminal});
    if (!shell) {
        with_.log.error(shell.error().describe());
        co_return co_await async::wait_forever();
    }
    with_.log.info("a shell is open here; leaving it reboots");
    with_.reaper.set_own_child(shell->pid());
    (void)co_await async::end_of(*shell);
    with_.reaper.set_own_child(-1);
    with_.reaper.reap();
}

/// The kernel still blinks the LED if the program has died while a mode was running: a blink that is cut off
/// could be taken for a part of the code.
asio::awaitable<void> finish_blink(const board::Led& led) {
    constexpr std::chrono::milliseconds longer_than_slow_blinks{1500};
    const auto now = Clock::now();
    board::BlinkEnd end(now, now + longer_than_slow_blinks);
    while (const auto lit = led.is_lit()) {
        if (end.reached(*lit, Clock::now())) co_return;
        co_await sleep(board::BlinkEnd::interval);
    }
}

asio::awaitable<void> Supervision::show_error() {
    const board::ErrorRhythm rhythm;
    const auto led = with_.find_led();
    co_await finish_blink(*led);
    if (auto set = led->set(false); !set) {
        with_.log.warning(set.error().describe());
        co_return co_await async::wait_forever();
    }
    co_await sleep(rhythm.dark);
    for (;;)
        for (const auto& step : rhythm.round(led_code(ErrorKind::internal))) {
            (void)led->set(step.lit);  // an error was logged above
            co_await sleep(step.length);
        }
}

asio::awaitable<void> Supervision::wait_for_press() {
    const auto button = with_.find_button();
    for (;;) {
        const auto event = co_await button->edge_before(Clock::time_point::max());
        if (event && event->edge == board::ButtonEdge::pressed) co_return;
    }
}

}  // namespace

asio::awaitable<void> supervise_rescue(Supervised supervised) {
    Supervision supervision(std::move(supervised));
    co_await (supervision.run() || supervision.feed_watchdog());
}

void Reaper::reap() const {
    for (;;) {
        siginfo_t ended{};
        // Looks first (WNOWAIT): waiting for any process would also reap the own child, for which its starter
        // waits.
        if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) return;
        if (ended.si_pid == 0 || ended.si_pid == own_child_) return;
        if (::waitpid(ended.si_pid, nullptr, WNOHANG) < 0) return;
    }
}

boost::asio::awaitable<void> Reaper::reap_forever() const {
    boost::asio::signal_set ends(co_await boost::asio::this_coro::executor, SIGCHLD);
    for (;;) {
        reap();
        co_await ends.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
}

}  // namespace mox::init
