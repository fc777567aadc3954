#pragma once

#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace mox::storage {

/// A mount option: with an empty value a flag ("noload").
struct MountOption {
    std::string name;
    std::string value;
};

/// What to ask the kernel for.
struct MountRequest {
    std::string type;  ///< the kernel's name of the file system
    std::vector<MountOption> options;
    unsigned attributes = 0;  ///< MOUNT_ATTR_*
};

/// A mount that was refused: the error number, and what the file system's driver said about it, if anything.
struct MountRefusal {
    int error_number = 0;
    std::string kernel_said;
};

/// Whether a refused mount speaks of the file system on the device: what is on it, or that it cannot be read.
/// Only these are a reason to format a card. Every other error number, also one that no driver is known to
/// give, is about the machine that tried: out of memory, no permission, in use, no driver.
[[nodiscard]] bool is_file_system_damage(int error_number);

/// A mount that is attached to no directory. The order matters: the root is closed before the mount.
struct DetachedMount {
    UniqueFd mount;  ///< fsmount's descriptor (O_PATH): unmounted when it is closed
    UniqueFd root;   ///< the root directory, open for reading (ioctl, syncfs, listing)
};

/// Mounts a device without attaching it to a directory. Several requests, best first: the next one is tried
/// when the kernel does not know the file system or an option (ENODEV, EINVAL). Answers the refusal of the
/// first one that the kernel has a driver for. Precondition: at least one request.
[[nodiscard]] std::expected<DetachedMount, MountRefusal> mount_detached(
    const std::filesystem::path& node, std::span<const MountRequest> requests);

}  // namespace mox::storage
