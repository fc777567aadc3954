#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"

namespace mox::test_support {

// Loop devices and mounts made without the product's help. Everything throws on failure.

/// A folder in memory (tmpfs) below the temporary folder, gone at the end of the scope: a card that is synced
/// a thousand times does not wear out the PC. The first one gives this process a mount namespace of its own,
/// so that nothing stays mounted even when the test is killed; hence make one before any thread is started.
class RamFolder {
public:
    RamFolder();
    RamFolder(const RamFolder&) = delete;
    RamFolder& operator=(const RamFolder&) = delete;
    ~RamFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

enum class Writing { allowed, forbidden };

/// An image file as a block device, detached at the end of the scope (and by the kernel when the test dies).
class AttachedImage {
public:
    explicit AttachedImage(const std::filesystem::path& image, Writing writing = Writing::allowed,
                           std::uint64_t offset = 0);
    AttachedImage(AttachedImage&&) = default;
    AttachedImage& operator=(AttachedImage&&) = delete;
    AttachedImage(const AttachedImage&) = delete;
    AttachedImage& operator=(const AttachedImage&) = delete;
    ~AttachedImage() = default;

    /// "/dev/loop3"
    [[nodiscard]] const std::filesystem::path& node() const { return node_; }

    /// Detaches now: all that was written is in the image. Throws if somebody else still uses the device.
    void detach();

private:
    UniqueFd loop_;
    std::filesystem::path node_;
    struct stat image_{};
};

/// A file system in an image, mounted through a loop device of its own; unmounted and detached at the end of
/// the scope. `options` as for mount -o, the file system's own ones.
class MountedImage {
public:
    MountedImage(const std::filesystem::path& image, std::uint64_t offset, const std::string& type,
                 unsigned long flags = 0, const std::string& options = {});
    MountedImage(const MountedImage&) = delete;
    MountedImage& operator=(const MountedImage&) = delete;
    ~MountedImage();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

}  // namespace mox::test_support
