#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::medkit {

/// Reads a file once and shows it to several consumers, each on a thread of its own and at its own pace,
/// through a ring of blocks: the slowest one holds up the reading, so memory stays bounded.
/// All consumers see the very same bytes: what is hashed is what is unpacked.
class BlockBroadcaster {
public:
    /// `file` is read from offset 0 by pread and stays open as long as the feed.
    BlockBroadcaster(int file, std::size_t consumers);

    /// Reads to the end or until stopped: body of the reading thread.
    /// Errors (`medkit`): the file cannot be read; (`internal`): stopped by a signal.
    [[nodiscard]] Expected<void> run();

    /// The next bytes for this consumer (0 to `consumers` - 1), waiting for them; empty at the end of the
    /// file and after `stop`. Valid until the same consumer's next call.
    [[nodiscard]] std::span<const std::byte> next(std::size_t consumer);

    /// Ends the reading; every consumer gets empty spans from now on.
    void stop();

    /// Size of the file when reading began, for progress.
    [[nodiscard]] Bytes size() const { return size_; }

private:
    struct Consumer {
        std::uint64_t released = 0;  ///< blocks that may be overwritten
        bool holds_block = false;
    };

    [[nodiscard]] std::byte* slot(std::uint64_t block);
    [[nodiscard]] bool may_write() const;

    int file_;
    Bytes size_;
    std::vector<std::byte> ring_;
    std::vector<std::size_t> lengths_;
    std::vector<Consumer> consumers_;
    std::uint64_t written_ = 0;
    bool ended_ = false;
    bool stopped_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
};

/// A queue between threads that holds at most so much: who puts waits for room, who takes waits for work.
/// "So much" is a sum of costs that the caller gives (bytes, say); one item alone always fits.
template <typename Item>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False when the queue was stopped: the item is gone.
    bool put(Item item, std::size_t cost) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || load_ == 0 || load_ + cost <= capacity_; });
        if (stopped_) return false;
        load_ += cost;
        items_.emplace_back(std::move(item), cost);
        changed_.notify_all();
        return true;
    }

    /// The next item; nothing when the queue was closed and is empty, or was stopped.
    /// What was taken before counts as done.
    std::optional<Item> take() {
        std::unique_lock lock(mutex_);
        finish_taken();
        changed_.wait(lock, [&] { return stopped_ || closed_ || !items_.empty(); });
        if (stopped_ || items_.empty()) return std::nullopt;
        auto [item, cost] = std::move(items_.front());
        items_.pop_front();
        taken_cost_ = cost;
        return std::move(item);
    }

    /// Waits until everything that was put is done. False when the queue was stopped.
    bool wait_until_done() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || load_ == 0; });
        return !stopped_;
    }

    /// Nothing more comes: the taker gets what is there, then nothing.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

    /// Ends everything at once.
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

    /// Costs of everything that is not done yet.
    [[nodiscard]] std::size_t load() const {
        const std::lock_guard lock(mutex_);
        return load_;
    }

private:
    void finish_taken() {
        if (taken_cost_ == 0) return;
        load_ -= std::exchange(taken_cost_, 0);
        changed_.notify_all();
    }

    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::pair<Item, std::size_t>> items_;
    std::size_t load_ = 0;        ///< of items that wait and the one that is being worked on
    std::size_t taken_cost_ = 0;  ///< of the one that is being worked on
    bool closed_ = false;
    bool stopped_ = false;
};

}  // namespace mox::medkit
