#pragma once

#include <functional>
#include <string>

#include "backup/archive_source.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

/// Takes the lock of the file system; called twice, so that nobody waits while an archive is unpacked.
using BeginWriting = std::function<Expected<snapshots::Writer>()>;

/// Unpacks an archive as a new, read-only snapshot with the type, date and description of its info file.
/// What a power cut or an error leaves behind is no snapshot and is removed (work_subvolume.hpp).
/// Errors: `medkit`, `card`, `snapshot`; nothing has changed then.
[[nodiscard]] Expected<snapshots::Snapshot> import_snapshot(const ArchiveSource& source,
                                                            const BeginWriting& begin,
                                                            const ByteProgress& progress);

/// Makes an archive's content the factory image. The new one is complete on the disk before it takes the old
/// one's place, in one atomic step; then the old one is deleted. ROOT_DEV of /etc/schnapps/config is carried
/// over. Errors: `medkit`, `card`; `snapshot` when the old one holds subvolumes of its own; the factory image
/// is as it was then.
[[nodiscard]] Expected<void> update_factory(const ArchiveSource& source, const BeginWriting& begin,
                                            const ByteProgress& progress);

}  // namespace mox::backup
