#include "medkit/gzip_writer.hpp"

#include <isa-l/crc.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace mox::medkit {

namespace {

constexpr unsigned most_threads = 16;

/// RFC 1952, 2.3: no name, no time, made on Unix (3), as gzip writes it for its standard input.
constexpr std::array header{std::byte{0x1f}, std::byte{0x8b}, std::byte{8}, std::byte{0}, std::byte{0},
                            std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}, std::byte{3}};

/// CRC-32 and size of the content, both little-endian.
std::array<std::byte, 8> trailer(std::uint32_t crc, std::uint64_t size) {
    std::array<std::byte, 8> bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
        bytes.at(i) = static_cast<std::byte>(crc >> (8 * i));
        bytes.at(i + 4) = static_cast<std::byte>(size >> (8 * i));
    }
    return bytes;
}

unsigned number_of_threads(GzipSettings settings) {
    if (settings.threads > 0) return settings.threads;
    return std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
}

}  // namespace

GzipWriter::GzipWriter(Sink sink, GzipSettings settings)
    : sink_(std::move(sink)),
      level_(settings.level),
      slots_(std::size_t{number_of_threads(settings)} * 2 + 2),
      tasks_([this] { stop(); }) {
    for (unsigned i = 0; i < number_of_threads(settings); ++i)
        tasks_.start("compress", [this] { return compress_pieces(); });
    tasks_.start("write packed", [this] { return write_pieces(); });
}

Expected<void> GzipWriter::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        if (!is_filling_) TRY(wait_for_slot());
        auto& content = slot(submitted_).content;
        const auto part = bytes.first(std::min(bytes.size(), piece_size - content.size()));
        content.insert(content.end(), part.begin(), part.end());
        bytes = bytes.subspan(part.size());
        if (content.size() == piece_size) submit();
    }
    return {};
}

Expected<void> GzipWriter::finish() {
    if (is_filling_) submit();
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
        changed_.notify_all();
    }
    return tasks_.join();
}

Expected<void> GzipWriter::wait_for_slot() {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || submitted_ - written_ < slots_.size(); });
        if (!stopped_) {
            is_filling_ = true;
            slot(submitted_).content.clear();
            slot(submitted_).content.reserve(piece_size);
            return {};
        }
    }
    return failure();
}

/// Only an error stops the threads while the caller still writes.
Expected<void> GzipWriter::failure() {
    TRY(tasks_.join());
    return fail(ErrorKind::internal, "the compression has ended too early");
}

void GzipWriter::submit() {
    const std::lock_guard lock(mutex_);
    is_filling_ = false;
    ++submitted_;
    changed_.notify_all();
}

void GzipWriter::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

/// The body of a thread that compresses: takes one complete piece after the other.
Expected<void> GzipWriter::compress_pieces() {
    auto compressor = TRY(PieceCompressor::create(level_));
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || finished_ || taken_ < submitted_; });
        if (stopped_ || taken_ == submitted_) return {};
        auto& piece = slot(taken_++);
        lock.unlock();

        TRY(compressor.compress(piece.content, piece.packed));

        lock.lock();
        piece.is_packed = true;
        changed_.notify_all();
    }
}

/// The body of the thread that writes: passes the pieces to the sink in order.
Expected<void> GzipWriter::write_pieces() {
    TRY(sink_(header));
    std::uint32_t crc = 0;
    std::uint64_t size = 0;
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] {
            return stopped_ || (written_ < submitted_ ? slot(written_).is_packed : finished_);
        });
        if (stopped_) return {};
        if (written_ == submitted_) break;
        auto& piece = slot(written_);
        lock.unlock();

        // ISA-L takes a pointer to const bytes, and the complement of the CRC is inside the function.
        crc = ::crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(piece.content.data()),
                                piece.content.size());
        size += piece.content.size();
        TRY(sink_(piece.packed));

        lock.lock();
        piece.is_packed = false;
        ++written_;
        changed_.notify_all();
    }
    TRY(sink_(PieceCompressor::end_of_stream()));
    return sink_(trailer(crc, size));
}

}  // namespace mox::medkit
