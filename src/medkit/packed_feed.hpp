#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::medkit {

/// Reads a file once and shows it to several consumers, each on a thread of its own and at its own pace,
/// through a ring of blocks: the slowest one holds up the reading, so memory stays bounded.
/// All consumers see the very same bytes: what is hashed is what is unpacked.
class PackedFeed {
public:
    /// `file` is read from offset 0 by pread and stays open as long as the feed.
    PackedFeed(int file, std::size_t consumers);

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

}  // namespace mox::medkit
