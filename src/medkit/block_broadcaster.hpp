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

/// Reads a file once and passes it to several consumers through a ring of blocks. Each consumer has a thread
/// of its own and reads at its own speed; reading waits for the slowest one, so memory stays bounded.
/// All consumers get the same bytes: the bytes that are hashed are those that are unpacked.
class BlockBroadcaster {
public:
    /// `file` is read from offset 0 by pread and must stay open as long as this object.
    BlockBroadcaster(int file, std::size_t consumers);

    /// Reads to the end or until stopped; the body of the reading thread.
    /// Errors (`medkit`): the file cannot be read; (`internal`): stopped by a signal.
    [[nodiscard]] Expected<void> run();

    /// Waits for the next bytes of this consumer (0 to `consumers` - 1); empty at the end of the file and
    /// after `stop`. Valid until the next call for the same consumer.
    [[nodiscard]] std::span<const std::byte> next(std::size_t consumer);

    /// Stops reading; every consumer gets empty spans from now on.
    void stop();

    /// Size of the file at construction, for progress.
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

/// A queue between threads with a limit: `put` waits for free capacity, `take` waits for an item.
/// The limit is a sum of costs that the caller gives, such as bytes; one item alone always fits.
template <typename Item>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False when the queue was stopped: the item is discarded.
    bool put(Item item, std::size_t cost) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || load_ == 0 || load_ + cost <= capacity_; });
        if (stopped_) return false;
        load_ += cost;
        items_.emplace_back(std::move(item), cost);
        changed_.notify_all();
        return true;
    }

    /// The next item; nullopt when the queue was closed and is empty, or was stopped.
    /// The item that was taken before counts as done.
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

    /// Waits until all items are done. False when the queue was stopped.
    bool wait_until_done() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || load_ == 0; });
        return !stopped_;
    }

    /// No item follows: `take` returns those that are left, then nullopt.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

    /// Makes all waiting calls return at once; items that are left are not taken.
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }

    /// Sum of the costs of all items that are not done yet.
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
    std::size_t load_ = 0;        ///< of the items in the queue and the one that was taken
    std::size_t taken_cost_ = 0;  ///< of the one that was taken
    bool closed_ = false;
    bool stopped_ = false;
};

}  // namespace mox::medkit
