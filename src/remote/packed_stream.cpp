#include "remote/packed_stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <utility>

namespace mox::remote {

namespace {

/// The packer goes on while the network waits; the kernel's limit for everyone (/proc/sys/fs/pipe-max-size).
constexpr int pipe_size = 1 << 20;

Expected<void> packed(const Packing& packing, int output) {
    try {
        return packing(output);
    } catch (const std::exception& error) {
        return fail(ErrorKind::internal, error.what());
    }
}

}  // namespace

Expected<std::unique_ptr<PackedStream>> PackedStream::start(const Packing& packing) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    // A smaller pipe is slower, no more.
    static_cast<void>(::fcntl(writing.get(), F_SETPIPE_SZ, pipe_size));
    return std::unique_ptr<PackedStream>(new PackedStream(std::move(reading), std::move(writing), packing));
}

PackedStream::PackedStream(UniqueFd reading, UniqueFd writing, const Packing& packing)
    : reading_(std::move(reading)), packer_([this, &packing, output = std::move(writing)]() mutable {
          ended_ = packed(packing, output.get());
          output.reset();
      }) {}

PackedStream::~PackedStream() {
    reading_.reset();  // ends the packer: its next write fails
    if (packer_.joinable()) packer_.join();
}

Expected<std::size_t> PackedStream::read(std::span<char> buffer) {
    while (true) {
        const auto count = ::read(reading_.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno(ErrorKind::internal, "the archive");
        if (count > 0) return static_cast<std::size_t>(count);
        if (packer_.joinable()) packer_.join();
        if (!*ended_) return std::unexpected(ended_->error());
        return 0;
    }
}

}  // namespace mox::remote
