#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace mox::storage {

/// Makes the kernel refuse writes to a block device (BLKROSET) during the lifetime of this object; a whole
/// disk covers its partitions. The flag is reset at the end, also when this process is killed, unless the
/// device was read-only before.
class WriteProtection {
public:
    /// Protects the device, or shares the protection that this process already has. Errors (`kind`): another
    /// program uses it and may write to it; it cannot be opened.
    [[nodiscard]] static Expected<std::shared_ptr<WriteProtection>> protect(const std::filesystem::path& node,
                                                                            ErrorKind kind);

    WriteProtection(const WriteProtection&) = delete;
    WriteProtection& operator=(const WriteProtection&) = delete;
    ~WriteProtection();

private:
    /// A child process that waits until this process ends for any reason, and then resets the flag.
    class Guard {
    public:
        explicit Guard(int device);
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard();

    private:
        pid_t pid_ = -1;
        UniqueFd end_of_this_process_;  ///< our end of a pipe
    };

    explicit WriteProtection(UniqueFd device);

    UniqueFd device_;  ///< empty: it was read-only before
    std::unique_ptr<Guard> guard_;
};

/// Whether the device is read-only for another reason than the protection of this process (a switch on the
/// card or its adapter, a failed card). Resets a flag that a killed process left. Errors: `kind`.
[[nodiscard]] Expected<bool> is_read_only_by_itself(const std::filesystem::path& node, ErrorKind kind);

}  // namespace mox::storage
