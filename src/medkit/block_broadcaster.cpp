#include "medkit/block_broadcaster.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/interruption.hpp"

namespace mox::medkit {

namespace {

// Large enough that waking threads costs little; 16 of them take 4 MiB.
constexpr std::size_t block_size = 256 << 10;
constexpr std::size_t block_count = 16;

Bytes size_of(int file) {
    struct stat status{};
    if (::fstat(file, &status) != 0 || status.st_size < 0) return {};
    return {static_cast<std::uint64_t>(status.st_size)};
}

Expected<std::size_t> read_block(int file, std::span<std::byte> block, std::uint64_t offset) {
    std::size_t filled = 0;
    while (filled < block.size()) {
        const ssize_t got =
            ::pread(file, block.data() + filled, block.size() - filled, static_cast<off_t>(offset + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(ErrorKind::medkit, "cannot be read");
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

}  // namespace

BlockBroadcaster::BlockBroadcaster(int file, std::size_t consumers)
    : file_(file),
      size_(size_of(file)),
      ring_(block_size * block_count),
      lengths_(block_count),
      consumers_(consumers) {}

Expected<void> BlockBroadcaster::run() {
    for (std::uint64_t offset = 0;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || may_write(); });
        if (stopped_) return {};
        const auto block = written_;
        lock.unlock();

        TRY(fail_if_stopped());
        const auto length = TRY(read_block(file_, {slot(block), block_size}, offset));
        offset += length;

        lock.lock();
        lengths_[block % block_count] = length;
        ended_ = length < block_size;
        if (length > 0) ++written_;
        changed_.notify_all();
        if (ended_) return {};
    }
}

std::span<const std::byte> BlockBroadcaster::next(std::size_t consumer) {
    std::unique_lock lock(mutex_);
    auto& state = consumers_.at(consumer);
    if (state.holds_block) {
        ++state.released;
        state.holds_block = false;
        changed_.notify_all();
    }
    changed_.wait(lock, [&] { return stopped_ || ended_ || state.released < written_; });
    if (stopped_ || state.released == written_) return {};
    state.holds_block = true;
    return {slot(state.released), lengths_[state.released % block_count]};
}

void BlockBroadcaster::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

std::byte* BlockBroadcaster::slot(std::uint64_t block) {
    return ring_.data() + (block % block_count) * block_size;
}

bool BlockBroadcaster::may_write() const {
    return std::ranges::all_of(consumers_,
                               [this](const auto& each) { return written_ - each.released < block_count; });
}

}  // namespace mox::medkit
