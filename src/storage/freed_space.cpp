#include "storage/freed_space.hpp"

#include <btrfsutil.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/units.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"

namespace mox::storage {

namespace {

using namespace std::chrono_literals;

constexpr auto time_between_looks = 50ms;
constexpr auto time_between_wakes = 2s;
constexpr auto time_between_reports = 10s;
constexpr auto time_without_progress = 60s;

struct FreeIds {
    // libbtrfsutil's. NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    void operator()(std::uint64_t* ids) const { std::free(ids); }
};

/// Commits, and wakes the kernel's thread that frees deleted subvolumes; else it wakes every 30 s.
Expected<void> wake_cleaner(int directory) {
    if (::ioctl(directory, BTRFS_IOC_SYNC, nullptr) != 0)
        return fail_errno(ErrorKind::card, "the card's btrfs cannot be written");
    return {};
}

/// Another value means that the cleaner got on.
struct State {
    std::size_t left = 0;
    Bytes used{};
    bool operator==(const State&) const = default;
};

Expected<State> state_of(int directory) {
    auto left = TRY(subvolumes_being_freed(directory));
    auto room = TRY(btrfs_room(directory));
    return State{.left = left, .used = room.used};
}

}  // namespace

Expected<std::size_t> subvolumes_being_freed(int directory) {
    std::uint64_t* raw = nullptr;
    std::size_t count = 0;
    errno = 0;
    if (btrfs_util_deleted_subvolumes_fd(directory, &raw, &count) != BTRFS_UTIL_OK)
        return fail_errno(ErrorKind::card, "the list of deleted subvolumes");
    const std::unique_ptr<std::uint64_t, FreeIds> owned(raw);
    return count;
}

Expected<void> wait_for_freed_space(int directory, const FreeingProgress& progress) {
    State last;
    auto last_progress = Clock::now();
    auto last_report = last_progress;
    auto next_wake = last_progress;
    for (;;) {
        if (Clock::now() >= next_wake) {
            TRY(wake_cleaner(directory));
            next_wake = Clock::now() + time_between_wakes;
        }
        auto state = TRY(state_of(directory));
        const auto now = Clock::now();
        if (state != last) last_progress = now;
        // What was freed is pinned until the next commit.
        if (state.left == 0 || now - last_progress > time_without_progress) return sync_filesystem(directory);
        last = state;
        if (progress && now - last_report > time_between_reports) {
            progress(state.left);
            last_report = now;
        }
        std::this_thread::sleep_for(time_between_looks);
    }
}

}  // namespace mox::storage
