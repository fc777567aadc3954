#include "base/running_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/posix_spawn.hpp"

namespace mox {

namespace {

/// The child starts with no signal ignored.
SpawnAttributes attributes_for(const ChildSetup& setup) {
    sigset_t all;
    sigfillset(&all);
    return SpawnAttributes(all, setup.terminal.empty() ? 0 : POSIX_SPAWN_SETSID);
}

void connect(FileActions& actions, const ChildSetup& setup) {
    if (!setup.terminal.empty()) {
        // The first terminal that the leader of a new session opens becomes its controlling terminal
        // (tty(4)).
        actions.open(STDIN_FILENO, setup.terminal.c_str(), O_RDWR);
        actions.duplicate(STDIN_FILENO, STDOUT_FILENO);
        actions.duplicate(STDIN_FILENO, STDERR_FILENO);
        return;
    }
    const auto give = [&](int fd, int as) {
        if (fd < 0)
            actions.open(as, "/dev/null", O_WRONLY);
        else
            actions.duplicate(fd, as);
    };
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    give(setup.output, STDOUT_FILENO);
    give(setup.errors, STDERR_FILENO);
}

/// Whether the child of the pidfd `end` ends within `timeout`.
bool ends_within(int end, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd waiting{.fd = end, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return false;
    }
}

}  // namespace

Expected<RunningChild> RunningChild::start(const ChildSetup& setup) {
    FileActions actions;
    connect(actions, setup);
    const auto attributes = attributes_for(setup);
    auto words = setup.argv;
    auto variables = setup.environment;
    const auto argv = pointers_to(words);
    const auto given_environment = pointers_to(variables);
    char* const* environment = variables.empty() ? environ : given_environment.data();

    pid_t pid = -1;
    const int failure =
        ::posix_spawnp(&pid, argv.front(), actions.get(), attributes.get(), argv.data(), environment);
    if (failure != 0) {
        auto what = "cannot run " + setup.argv.front();
        if (!setup.terminal.empty()) what += " on " + setup.terminal.native();
        return fail_errno(ErrorKind::internal, what, failure);
    }
    // The child is not reaped yet, so no other process can have its number.
    UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int reason = errno;
    RunningChild child(pid, std::move(end), setup.stop_signal, setup.stop_timeout);
    if (!child.end_) return fail_errno(ErrorKind::internal, "pidfd_open", reason);
    return child;
}

RunningChild::RunningChild(RunningChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_(std::move(other.end_)),
      stop_signal_(other.stop_signal_),
      stop_timeout_(other.stop_timeout_),
      status_(other.status_) {}

RunningChild& RunningChild::operator=(RunningChild&& other) noexcept {
    if (this == &other) return *this;
    stop();
    pid_ = std::exchange(other.pid_, -1);
    end_ = std::move(other.end_);
    stop_signal_ = other.stop_signal_;
    stop_timeout_ = other.stop_timeout_;
    status_ = other.status_;
    return *this;
}

int RunningChild::reap() {
    if (pid_ <= 0) return status_;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

void RunningChild::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, stop_signal_);
    if (!end_ || !ends_within(end_.get(), stop_timeout_)) ::kill(pid_, SIGKILL);
    (void)reap();
}

}  // namespace mox
