#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "async/event.hpp"

namespace mox::virtual_mox {

/// The events in order, for any number of readers, each with its own position; readers do not remove entries.
/// Positions count from the first entry; only the newest `kept` entries are kept. For one event loop only;
/// coroutines that wait must end before this object does.
template <typename Entry>
class EventHistory {
public:
    using Position = std::uint64_t;

    explicit EventHistory(std::size_t kept = 100'000) : kept_(kept) {}

    void add(Entry entry) {
        entries_.push_back(std::move(entry));
        if (entries_.size() > kept_) {
            entries_.pop_front();
            ++first_;
        }
        changed_.notify();
    }

    /// Position of the oldest entry that is kept.
    [[nodiscard]] Position begin() const { return first_; }

    /// Position of the next entry: the start for a reader of new entries only.
    [[nodiscard]] Position end() const { return first_ + entries_.size(); }

    /// Precondition: begin() <= position < end().
    [[nodiscard]] const Entry& operator[](Position position) const {
        return entries_[static_cast<std::size_t>(position - first_)];
    }

    /// Waits until there is an entry at `position`. Returns false when `deadline` comes first.
    [[nodiscard]] boost::asio::awaitable<bool> reaches(Position position, Clock::time_point deadline) {
        while (end() <= position && Clock::now() < deadline) co_await changed_.notified_before(deadline);
        co_return end() > position;
    }

private:
    std::size_t kept_;
    Position first_ = 0;
    std::deque<Entry> entries_;
    async::Event changed_;
};

}  // namespace mox::virtual_mox
