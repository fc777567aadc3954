#include "snapshots/card_lock.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>

#include "base/units.hpp"
#include "snapshots/interrupted.hpp"

namespace mox::snapshots {

namespace {

enum class Attempt { locked, busy };

/// `flags` as for flock(2). Errors: the file system has no locks.
Expected<Attempt> try_lock(int directory, int flags) {
    for (;;) {
        if (::flock(directory, LOCK_EX | flags) == 0) return Attempt::locked;
        if (errno == EWOULDBLOCK) return Attempt::busy;
        if (errno != EINTR) return fail_errno(ErrorKind::card, "the card's snapshots cannot be locked");
    }
}

/// flock has no time limit, and no event reports a released lock. So a child process waits in flock on our
/// open file description, which then owns the lock. The child can be killed when the time is over.
class WaitingChild {
public:
    explicit WaitingChild(int directory) : pid_(::fork()) {
        if (pid_ == 0) wait_in_flock(directory);
        if (pid_ > 0) end_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    }
    WaitingChild(const WaitingChild&) = delete;
    WaitingChild& operator=(const WaitingChild&) = delete;
    ~WaitingChild() {
        if (pid_ > 0) (void)reap();
    }

    [[nodiscard]] bool is_running() const { return pid_ > 0 && end_; }

    void wait_for_end(Clock::time_point deadline) const {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            pollfd end{.fd = end_.get(), .events = POLLIN, .revents = 0};
            const int ready = ::poll(&end, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30)));
            if (ready > 0 || left <= 0) return;
        }
    }

    /// Kills the child if it still waits. Returns whether it got the lock.
    [[nodiscard]] bool reap() {
        ::kill(pid_, SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

private:
    /// Runs after fork in a program that may have threads: system calls only.
    [[noreturn]] static void wait_in_flock(int directory) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (::flock(directory, LOCK_EX) != 0)
            if (errno != EINTR) ::_exit(1);
        ::_exit(0);
    }

    pid_t pid_;
    UniqueFd end_;
};

Expected<Attempt> lock_before(int directory, Clock::time_point deadline) {
    WaitingChild child(directory);
    if (!child.is_running()) return fail_errno(ErrorKind::internal, "waiting for the card's snapshots");
    child.wait_for_end(deadline);
    return child.reap() ? Attempt::locked : Attempt::busy;
}

}  // namespace

Expected<CardLock> CardLock::acquire(const TopLevel& top, const LockWait& wait) {
    UniqueFd directory(::openat(top.directory(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return fail_errno(ErrorKind::card, "the card's top level");

    auto attempt = try_lock(directory.get(), LOCK_NB);
    if (attempt && *attempt == Attempt::busy) {
        if (wait.on_wait) wait.on_wait();
        attempt = wait.limit ? lock_before(directory.get(), Clock::now() + *wait.limit)
                             : try_lock(directory.get(), 0);
    }
    if (!attempt) return pass_on(attempt);
    if (*attempt == Attempt::busy)
        return fail(ErrorKind::snapshot,
                    "busy: another program has been changing the snapshots for more than " +
                        to_text(std::chrono::nanoseconds(*wait.limit)),
                    {"try again later"});
    return CardLock(std::move(directory));
}

Writer::Writer(const TopLevel& top, CardLock lock, Commit commit, std::vector<std::string> repairs)
    : top_(&top), lock_(std::move(lock)), commit_(std::move(commit)), repairs_(std::move(repairs)) {}

Expected<Writer> Writer::begin(const TopLevel& top, const LockWait& wait) {
    auto lock = TRY(CardLock::acquire(top, wait));
    auto commit = TRY(Commit::begin());
    auto repairs = TRY(recover_interrupted(top), "the repair after an interrupted call failed");
    return Writer(top, std::move(lock), std::move(commit), std::move(repairs));
}

}  // namespace mox::snapshots
