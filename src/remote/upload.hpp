#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "remote/backup.hpp"
#include "remote/patience.hpp"
#include "remote/store.hpp"
#include "snapshots/info_file.hpp"

namespace mox::remote {

/// Writes the archive into a pipe. It is called again when a connection broke off. Precondition: SIGPIPE is
/// ignored (StopSignals).
using Packing = std::function<Expected<void>(int output)>;

struct UploadOrder {
    std::string name;  ///< the wanted one, see free_name
    std::string_view archive_ending = plain_ending;
    snapshots::SnapshotInfo info;
    Origin origin;         ///< without size and sum
    std::string identity;  ///< hexadecimal digits for free_name
};

struct Uploaded {
    std::string name;
    std::string archive;
    Bytes size;
};

/// Removes what interrupted calls of this system have left behind; returns the names. Failures: `missing`:
/// there is no such directory.
[[nodiscard]] Result<std::vector<std::string>> clear_up(Store& store, const std::string& file_system,
                                                        const Patience& patience);

/// Uploads a backup: whole, or not at all. The order of the steps is at the top of upload.cpp. Makes the
/// directory if it is missing. Failures: `wrong_answer`: the server has stored something else.
[[nodiscard]] Result<Uploaded> upload(Store& store, const UploadOrder& order, const Packing& packing,
                                      const Patience& patience);

/// Removes a backup of this system. It does not count any more from the first step on.
[[nodiscard]] Result<void> remove_backup(Store& store, const std::string& name,
                                         const std::string& file_system, const Patience& patience);

/// Only one upload or sync of a file system at a time; the kernel ends the claim when the process ends.
class UploadClaim {
public:
    /// Errors (`network`): another process has it.
    [[nodiscard]] static Expected<UploadClaim> make(const std::string& file_system);

private:
    explicit UploadClaim(UniqueFd socket) : socket_(std::move(socket)) {}
    UniqueFd socket_;
};

}  // namespace mox::remote
