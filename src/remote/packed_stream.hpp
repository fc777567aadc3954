#pragma once

#include <memory>
#include <optional>
#include <span>
#include <thread>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "remote/upload.hpp"

namespace mox::remote {

/// A packer that runs on a thread of its own, read through a pipe: nothing is stored in between. The
/// destructor ends it.
class PackedStream {
public:
    /// `packing` must outlive this object. Errors (`internal`): no pipe.
    [[nodiscard]] static Expected<std::unique_ptr<PackedStream>> start(const Packing& packing);

    PackedStream(const PackedStream&) = delete;
    PackedStream& operator=(const PackedStream&) = delete;
    ~PackedStream();

    /// As ByteSource. It ends only when the packer has ended well; otherwise it returns the packer's error.
    [[nodiscard]] Expected<std::size_t> read(std::span<char> buffer);

private:
    PackedStream(UniqueFd reading, UniqueFd writing, const Packing& packing);

    UniqueFd reading_;
    std::optional<Expected<void>> ended_;
    std::thread packer_;
};

}  // namespace mox::remote
