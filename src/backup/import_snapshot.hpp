#pragma once

#include <functional>
#include <string>

#include "backup/archive_source.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

/// Takes the lock of the file system. It is called twice, so that no process waits while an archive is
/// unpacked.
using BeginWriting = std::function<Expected<snapshots::Writer>()>;

/// Unpacks an archive as a new, read-only snapshot with the type, date and description of its info file.
/// A power cut or an error leaves no incomplete snapshot: the remains are removed (work_subvolume.hpp).
/// Errors: `medkit`, `card`, `snapshot`; nothing has changed then.
[[nodiscard]] Expected<snapshots::Snapshot> import_snapshot(const ArchiveSource& source,
                                                            const BeginWriting& begin,
                                                            const ByteProgress& progress);

/// Fails (`snapshot`) if the factory image must not be replaced: it is mounted, or holds nested subvolumes.
/// The old image is deleted after the exchange, and its nested subvolumes would be deleted with it. Also
/// `card`.
[[nodiscard]] Expected<void> require_replaceable_factory(const snapshots::TopLevel& top);

/// Replaces the factory image by the content of an archive. The new image is complete on the disk before it
/// replaces the old one in one atomic step; then the old one is deleted. ROOT_DEV of /etc/schnapps/config is
/// kept. Errors: `medkit`, `card`; `snapshot` as require_replaceable_factory; the factory image is
/// unchanged then.
[[nodiscard]] Expected<void> update_factory(const ArchiveSource& source, const BeginWriting& begin,
                                            const ByteProgress& progress);

}  // namespace mox::backup
