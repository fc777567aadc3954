#pragma once

#include <filesystem>
#include <utility>

#include "base/error.hpp"

namespace mox::disk_images {

/// A file system that a program mounts through FUSE in a temporary directory, so that the kernel of this
/// computer does not need a driver for it. Unmounted at the end of the scope.
class FuseMount {
public:
    /// Mounts exFAT for writing, by `mount.exfat-fuse` (Debian: exfat-fuse). Errors (`internal`): not
    /// installed, no /dev/fuse, no exFAT on `node`.
    [[nodiscard]] static Expected<FuseMount> exfat(const std::filesystem::path& node);

    FuseMount(FuseMount&& other) noexcept : point_(std::exchange(other.point_, {})) {}
    FuseMount& operator=(FuseMount&&) = delete;
    FuseMount(const FuseMount&) = delete;
    FuseMount& operator=(const FuseMount&) = delete;
    ~FuseMount();

    [[nodiscard]] const std::filesystem::path& path() const { return point_; }

    /// Unmounts, so that everything is on the device. Errors (`internal`): a file of it is still open.
    [[nodiscard]] Expected<void> unmount();

private:
    explicit FuseMount(std::filesystem::path point) : point_(std::move(point)) {}

    std::filesystem::path point_;  ///< empty: no longer mounted
};

}  // namespace mox::disk_images
