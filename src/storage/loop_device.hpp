#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

enum class LoopAccess { writable, read_only };
enum class LoopCache { buffered, direct };  ///< direct: the image is read and written with O_DIRECT

/// An image file as a block device. Detached by the destructor, and by the kernel when this process dies
/// (LO_FLAGS_AUTOCLEAR), as soon as no other process has it open.
class LoopDevice {
public:
    /// Attaches `image`. Errors (`internal`): no such image, no permission, no free loop device.
    [[nodiscard]] static Expected<LoopDevice> attach(const std::filesystem::path& image,
                                                     LoopAccess access = LoopAccess::writable,
                                                     LoopCache cache = LoopCache::buffered);

    LoopDevice(LoopDevice&& other) noexcept = default;
    LoopDevice& operator=(LoopDevice&& other) noexcept;
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;
    ~LoopDevice();

    /// "/dev/loop3"
    [[nodiscard]] const std::filesystem::path& node() const { return node_; }

    /// Makes the device as large as its image, which has grown or shrunk.
    [[nodiscard]] Expected<void> refresh_size();

    /// Detaches now: all written data is in the image file afterwards. Errors (`internal`): it is still
    /// mounted or open elsewhere.
    [[nodiscard]] Expected<void> detach();

private:
    LoopDevice(UniqueFd fd, std::filesystem::path node);

    UniqueFd fd_;
    std::filesystem::path node_;
};

}  // namespace mox::storage
