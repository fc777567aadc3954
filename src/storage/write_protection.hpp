#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

/// A block device that the kernel refuses to write to (BLKROSET) as long as this lives; a whole disk covers
/// its partitions. Set back at the end, unless it was read-only before.
class WriteProtection {
public:
    /// Protects the device, or shares the protection that this process has already put on it.
    /// Errors (`kind`): somebody else uses it and may be writing to it; cannot be opened.
    [[nodiscard]] static Expected<std::shared_ptr<WriteProtection>> protect(const std::filesystem::path& node,
                                                                            ErrorKind kind);

    WriteProtection(const WriteProtection&) = delete;
    WriteProtection& operator=(const WriteProtection&) = delete;
    ~WriteProtection();

private:
    explicit WriteProtection(UniqueFd device);

    UniqueFd device_;
};

/// The device is read-only, and not because this process has protected it (a switch on the card or its
/// adapter, a card that has given up). Errors: `kind`.
[[nodiscard]] Expected<bool> is_read_only_by_itself(const std::filesystem::path& node, ErrorKind kind);

}  // namespace mox::storage
