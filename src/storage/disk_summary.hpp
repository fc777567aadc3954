#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "storage/drive.hpp"

namespace mox::storage {

/// A disk, and what is on it, before it is erased: for the user, who decides, and to find out whether it is
/// still the same one afterwards.
struct DiskSummary {
    Drive drive{};
    std::string image{};     ///< the file behind a loop device; empty: no loop device
    std::string sequence{};  ///< the kernel's number of this medium (diskseq); empty before Linux 5.15
    std::vector<Volume> volumes{};

    /// "/dev/sdb (31.9 GB, SanDisk Ultra): sdb1 Btrfs "turris" 31.9 GB, sdb2 ext4 1.0 GB"; without partition
    /// table and file system: "/dev/sdb (31.9 GB): nothing". Control characters of labels are replaced.
    [[nodiscard]] std::string describe() const;
};

/// Looks at a disk; writes nothing. Errors: as volumes_of.
[[nodiscard]] Expected<DiskSummary> summarize(const Drive& drive);

/// Whether both are the same medium with the same partitions and file systems.
[[nodiscard]] bool is_same(const DiskSummary& left, const DiskSummary& right);

}  // namespace mox::storage
