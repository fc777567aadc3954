#pragma once

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "storage/kernel_mount.hpp"

namespace mox::network {

/// A folder in memory (tmpfs) that has no place in any directory tree: it is gone with this, or with the
/// process.
class MemoryFolder {
public:
    /// `size`: what it may take of the memory at most. Errors (`internal`): the kernel has no tmpfs.
    [[nodiscard]] static Expected<MemoryFolder> make(Bytes size);

    /// The folder, open. Valid as long as this.
    [[nodiscard]] int fd() const { return mounted_.root.get(); }

    /// A new, empty file in it, open for reading and writing. Errors (`internal`).
    [[nodiscard]] Expected<UniqueFd> create(const std::string& name) const;

private:
    explicit MemoryFolder(storage::DetachedMount mounted) : mounted_(std::move(mounted)) {}

    storage::DetachedMount mounted_;
};

}  // namespace mox::network
