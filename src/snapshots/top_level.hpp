#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "storage/mount.hpp"

namespace mox::snapshots {

enum class Purpose { look, change };

/// The top level of a btrfs, where `@`, `@N` and `N.info` lie, mounted for this process alone: it has no
/// place in any directory tree, so that nobody else sees it, two processes do not disturb one another, and
/// nothing is left behind by a killed one.
class TopLevel {
public:
    /// The file system that `directory` (such as "/") is on.
    /// Errors: `snapshot` when it is not on btrfs, which says so, or we are not root; `card` when it cannot
    /// be mounted.
    [[nodiscard]] static Expected<TopLevel> of_mounted(const std::filesystem::path& directory,
                                                       Purpose purpose);

    /// The file system on a block device, mounted elsewhere or not.
    /// Errors: `snapshot` when there is no btrfs on it; `card` when it cannot be mounted (Error::reason() is
    /// EUCLEAN when it is damaged).
    [[nodiscard]] static Expected<TopLevel> on_device(const std::filesystem::path& node, Purpose purpose);

    /// A block device or a directory, whichever `place` is (the `-d` of the command line).
    [[nodiscard]] static Expected<TopLevel> at(const std::filesystem::path& place, Purpose purpose);

    /// The top-level directory, open. Valid as long as this.
    [[nodiscard]] int directory() const { return mounted_.root.get(); }

    /// The same as a path ("/proc/PID/fd/N"), good for opening what is below it, also by child processes.
    [[nodiscard]] std::filesystem::path path() const;

    /// One of the file system's block devices.
    [[nodiscard]] const std::filesystem::path& device() const { return device_; }

private:
    [[nodiscard]] static Expected<TopLevel> mount(std::filesystem::path device, Purpose purpose);
    TopLevel(std::filesystem::path device, storage::DetachedMount mounted);

    std::filesystem::path device_;
    storage::DetachedMount mounted_;
};

}  // namespace mox::snapshots
