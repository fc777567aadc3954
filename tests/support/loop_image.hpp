#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "storage/drive.hpp"
#include "storage/loop_device.hpp"
#include "storage/mount.hpp"

namespace mox::test_support {

// Disks for tests: image files, loop devices, file systems. Everything throws on failure, needs root, and is
// gone at the end of the scope (but the image files: put them into a TemporaryDirectory).

enum class PartitionTable { none, one_primary };

/// A disk image that is attached to a loop device.
class LoopImage {
public:
    /// A new, sparse, empty disk. With `one_primary` it has a DOS table with one Linux partition from 1 MiB
    /// to the end.
    LoopImage(std::filesystem::path image, Bytes size, PartitionTable table = PartitionTable::none);
    /// One that is there already.
    explicit LoopImage(std::filesystem::path image,
                       storage::LoopAccess access = storage::LoopAccess::writable);

    [[nodiscard]] const std::filesystem::path& image() const { return image_; }
    [[nodiscard]] const std::filesystem::path& node() const { return loop_.node(); }

    /// The node of partition 1. Precondition: there is one.
    [[nodiscard]] std::filesystem::path partition() const;

    /// As the product sees it.
    [[nodiscard]] storage::Drive as(storage::DriveRole role) const;

    /// Writes `bytes` to the image at `offset`, through the loop device, and syncs.
    void overwrite(std::uint64_t offset, std::string_view bytes);

    /// Everything is in the image file, and the loop device is free.
    void detach();

private:
    std::filesystem::path image_;
    storage::LoopDevice loop_;
};

/// mkfs.ext4, mkfs.btrfs, mkfs.vfat or mkfs.exfat on a block device (or an image file), with their defaults.
void format(const std::filesystem::path& node, const std::string& type);

/// mkfs.btrfs with this UUID, which no other disk may have at that time: mkfs.btrfs refuses it.
void format_btrfs(const std::filesystem::path& node, const std::string& uuid);

/// A UUID that no other test has that runs at the same time. The same one whenever this process asks.
std::string own_uuid();

/// A file system mounted for writing (btrfs: its top level).
class WritableMount {
public:
    WritableMount(const std::filesystem::path& node, const std::string& type);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    [[nodiscard]] int root() const { return mounted_.root.get(); }

private:
    storage::DetachedMount mounted_;
    std::filesystem::path path_;
};

/// Makes the folders on the way as well.
void write_file(const std::filesystem::path& path, std::string_view content);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Runs a program that must succeed within a minute.
void run(const std::vector<std::string>& argv);

/// The value of something that must not have failed; else throws what it says.
template <typename T>
T must(Expected<T>&& result) {
    if (!result) throw std::runtime_error(result.error().describe());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace mox::test_support
