#include "snapshots/card_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>

#include "base/units.hpp"

namespace mox::snapshots {

namespace {

using namespace std::chrono_literals;

enum class Attempt { got_it, busy };

/// `flags` as for flock(2). Errors: the file system knows no locks.
Expected<Attempt> try_lock(int directory, int flags) {
    for (;;) {
        if (::flock(directory, LOCK_EX | flags) == 0) return Attempt::got_it;
        if (errno == EWOULDBLOCK) return Attempt::busy;
        if (errno != EINTR) return fail_errno(ErrorKind::card, "the card's snapshots cannot be locked");
    }
}

/// flock itself knows no time limit, so it is asked ten times a second.
Expected<Attempt> lock_before(int directory, Clock::time_point deadline) {
    for (;;) {
        auto attempt = try_lock(directory, LOCK_NB);
        const auto left = deadline - Clock::now();
        if (!attempt || *attempt == Attempt::got_it || left <= 0s) return attempt;
        std::this_thread::sleep_for(std::min<Clock::duration>(left, 100ms));
    }
}

}  // namespace

Expected<CardLock> CardLock::acquire(const TopLevel& top, const Patience& patience) {
    UniqueFd directory(::openat(top.directory(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return fail_errno(ErrorKind::card, "the card's top level");

    auto attempt = try_lock(directory.get(), LOCK_NB);
    if (attempt && *attempt == Attempt::busy) {
        if (patience.on_wait) patience.on_wait();
        attempt = patience.limit ? lock_before(directory.get(), Clock::now() + *patience.limit)
                                 : try_lock(directory.get(), 0);
    }
    if (!attempt) return pass_on(attempt);
    if (*attempt == Attempt::busy)
        return fail(ErrorKind::snapshot,
                    "busy: another program has been changing the snapshots for more than " +
                        to_text(std::chrono::nanoseconds(*patience.limit)) + "; try again later");
    return CardLock(std::move(directory));
}

}  // namespace mox::snapshots
