#pragma once

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "medkit/digest.hpp"
#include "remote/backup.hpp"
#include "remote/patience.hpp"
#include "remote/store.hpp"

namespace mox::remote {

struct FileSum {
    Bytes size;
    medkit::Sha256Digest sha256{};
};

/// Reads a whole file; after a broken connection it goes on at the same byte. `size`: for the progress.
[[nodiscard]] Result<FileSum> read_whole(Store& store, const std::string& name, Bytes size,
                                         const ByteSink& sink, const Patience& patience,
                                         const ByteProgress& progress);

/// All backups with an info file, sorted by name, also those with a flaw.
[[nodiscard]] Result<std::vector<Backup>> list_backups(Store& store, const Patience& patience);

/// The same, of a listing that was read before.
[[nodiscard]] Result<std::vector<Backup>> backups_among(Store& store, const std::vector<RemoteFile>& files,
                                                        const Patience& patience);

/// What the archive of a backup was compared with.
enum class Verified {
    by_sum,  ///< the SHA-256 of the info file, or of the file .sha256 beside it
    no_sum,  ///< there is none: a router in the field has uploaded it
};

/// Reads the archive of a backup, passes it to the sink, and compares its size and sum. The sink may have got
/// bytes that are wrong: use them only after success. Failures: `wrong_answer`: size or sum differ.
[[nodiscard]] Result<Verified> read_archive(Store& store, const Backup& backup, const ByteSink& sink,
                                            const Patience& patience, const ByteProgress& progress);

}  // namespace mox::remote
