#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "medkit/piece_compressor.hpp"
#include "medkit/task_group.hpp"

namespace mox::medkit {

struct GzipSettings {
    CompressionLevel level{};
    /// Threads that compress; 0: one for each processor that this process may use, at most 16.
    unsigned threads = 0;
};

/// Writes bytes as one gzip member (RFC 1952), compressed on several threads. The result depends on the bytes
/// and the level only: not on the number of threads, nor on the pieces in which the bytes come.
///
/// The bytes are cut into pieces of 512 KiB, which are compressed independently of each other (see
/// PieceCompressor) and passed to the sink in order. Two pieces for each thread and two more are in memory,
/// each in both forms: 6 MiB with two threads.
class GzipWriter {
public:
    /// Receives the packed bytes, in order, on a thread of the writer. An error ends the writing.
    using Sink = std::function<Expected<void>(std::span<const std::byte>)>;

    static constexpr std::size_t piece_size = 512 << 10;

    GzipWriter(Sink sink, GzipSettings settings);
    GzipWriter(const GzipWriter&) = delete;
    GzipWriter& operator=(const GzipWriter&) = delete;
    /// Without finish(): discards what the sink has not received yet.
    ~GzipWriter() = default;

    /// Appends bytes; waits while as many pieces as there is memory for are not written yet. Errors: of the
    /// sink, also for bytes of earlier calls.
    [[nodiscard]] Expected<void> write(std::span<const std::byte> bytes);

    /// Writes the rest and the end, and waits until the sink has everything. Call it once, last.
    [[nodiscard]] Expected<void> finish();

    /// How many bytes may be accepted before the sink has received the first of them.
    [[nodiscard]] std::size_t most_in_memory() const { return slots_.size() * piece_size; }

private:
    struct Slot {
        std::vector<std::byte> content;
        std::vector<std::byte> packed;
        bool is_packed = false;
    };

    [[nodiscard]] Slot& slot(std::uint64_t piece) { return slots_[piece % slots_.size()]; }
    [[nodiscard]] Expected<void> wait_for_slot();
    void submit();
    void stop();
    [[nodiscard]] Expected<void> failure();
    [[nodiscard]] Expected<void> compress_pieces();
    [[nodiscard]] Expected<void> write_pieces();

    Sink sink_;
    CompressionLevel level_;
    std::vector<Slot> slots_;
    bool is_filling_ = false;  ///< the slot of `submitted_`; only used by write() and finish()

    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t submitted_ = 0;  ///< pieces that are complete
    std::uint64_t taken_ = 0;      ///< of these, pieces that a thread compresses or has compressed
    std::uint64_t written_ = 0;    ///< of these, pieces that the sink has received
    bool finished_ = false;        ///< no piece follows
    bool stopped_ = false;

    TaskGroup tasks_;  ///< last: its threads use all of the above
};

}  // namespace mox::medkit
