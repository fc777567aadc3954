#include "storage/data_moving.hpp"

#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <thread>

#include "base/units.hpp"
#include "storage/btrfs_space.hpp"

namespace mox::storage {

namespace {

using namespace std::chrono_literals;

/// How full, in percent, the block group that is moved may be: the emptiest is found by trying. One that is
/// fuller than the last is not worth its copying.
constexpr std::array fullest_moved{5U, 25U, 50U, 75U, 90U};

/// For a block group of 1 GiB on a slow card.
constexpr auto longest_balance = 5min;
constexpr auto time_between_looks = 50ms;

/// One that a power cut has interrupted goes on at the next mount; it may be ours. False: it does not end.
bool wait_for_running_balance(int directory) {
    for (const auto end = Clock::now() + longest_balance; Clock::now() < end;) {
        btrfs_ioctl_balance_args balance{};
        if (::ioctl(directory, BTRFS_IOC_BALANCE_PROGRESS, &balance) != 0) return errno == ENOTCONN;
        // It was paused by the user.
        if ((balance.state & BTRFS_BALANCE_STATE_RUNNING) == 0) return false;
        std::this_thread::sleep_for(time_between_looks);
    }
    return false;
}

/// Only the balance itself can tell whether there is room for it.
bool cannot_be_done(int reason) {
    return reason == ENOSPC || reason == EDQUOT || reason == EINPROGRESS || reason == EBUSY ||
           reason == ECANCELED;
}

/// How many block groups were moved: 0 or 1.
Expected<std::uint64_t> move_one(int directory, std::uint64_t percent) {
    btrfs_ioctl_balance_args balance{};
    balance.flags = BTRFS_BALANCE_DATA;
    balance.data.flags = BTRFS_BALANCE_ARGS_USAGE | BTRFS_BALANCE_ARGS_LIMIT;
    balance.data.usage = percent;
    balance.data.limit = 1;
    if (::ioctl(directory, BTRFS_IOC_BALANCE_V2, &balance) == 0) return balance.stat.completed;
    if (cannot_be_done(errno)) return 0;
    return fail_errno(ErrorKind::card, "data cannot be moved together");
}

}  // namespace

Expected<bool> move_data_together(int directory) {
    auto before = TRY(btrfs_room(directory));
    if (before.mixed || !wait_for_running_balance(directory)) return false;
    for (const auto percent : fullest_moved) {
        auto moved = TRY(move_one(directory, percent));
        if (moved == 0) continue;
        auto after = TRY(btrfs_room(directory));
        // What was moved may have got a new block group of its own.
        if (after.unallocated > before.unallocated) return true;
    }
    return false;
}

}  // namespace mox::storage
