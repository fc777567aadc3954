#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

/// A block device that the kernel refuses to write to (BLKROSET) as long as this lives; a whole disk covers
/// its partitions. Set back at the end, unless it was read-only before; also when this process is killed.
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
    /// A process that waits for the end of this one, however it comes, and then sets the flag back.
    class Guard {
    public:
        explicit Guard(int device);
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard();

    private:
        pid_t pid_ = -1;
        UniqueFd end_of_this_process_;  ///< the end of a pipe
    };

    explicit WriteProtection(UniqueFd device);

    UniqueFd device_;  ///< none: it was read-only before
    std::unique_ptr<Guard> guard_;
};

/// The device is read-only, and not because this process has protected it (a switch on the card or its
/// adapter, a card that has given up). A flag that a killed process left is taken away. Errors: `kind`.
[[nodiscard]] Expected<bool> is_read_only_by_itself(const std::filesystem::path& node, ErrorKind kind);

}  // namespace mox::storage
