#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "storage/mount.hpp"

namespace mox::snapshots {

enum class Purpose { read, change };

/// The top level of a btrfs, which holds `@`, `@N` and `N.info`, mounted only for this process: it is
/// attached to no directory tree. So no other process sees it, two processes do not disturb each other, and a
/// killed process leaves no mount behind.
class TopLevel {
public:
    /// The file system of `directory` (such as "/"). Errors: `snapshot` when it is not on btrfs, or the
    /// caller is not root; `card` when it cannot be mounted.
    [[nodiscard]] static Expected<TopLevel> of_mounted(const std::filesystem::path& directory,
                                                       Purpose purpose);

    /// The file system on a block device, mounted elsewhere or not.
    /// Errors: `snapshot` when there is no btrfs on it; `card` when it cannot be mounted (Error::reason() is
    /// EUCLEAN when it is damaged).
    [[nodiscard]] static Expected<TopLevel> on_device(const std::filesystem::path& node, Purpose purpose);

    /// A block device or a directory, whichever `place` is (the `-d` of the command line).
    [[nodiscard]] static Expected<TopLevel> at(const std::filesystem::path& place, Purpose purpose);

    /// The open top-level directory. Valid as long as this object.
    [[nodiscard]] int directory() const { return mounted_.root.get(); }

    /// The top-level directory as a path ("/proc/PID/fd/N"), to open files below it, also in child processes.
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
