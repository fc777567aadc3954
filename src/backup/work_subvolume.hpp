#pragma once

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

/// A temporary subvolume at the top level for a long operation: a copy that is exported, or a system that is
/// being unpacked. Its name is "@backup.N", and its directory is locked (flock) as long as this object
/// exists. So no process has to hold the lock of the file system for minutes, and the subvolume of a killed
/// process is recognised, because it is not locked (snapshots/stale_work.hpp). The destructor deletes it
/// unless it got another name.
class WorkSubvolume {
public:
    /// Makes a read-only copy of a subvolume at the top level. `writer` is needed for this call only; its top
    /// level must outlive this object. Errors (`card`).
    [[nodiscard]] static Expected<WorkSubvolume> copy_of(const snapshots::Writer& writer,
                                                         const std::string& source);

    /// Makes a new, empty subvolume; otherwise as `copy_of`.
    [[nodiscard]] static Expected<WorkSubvolume> empty(const snapshots::Writer& writer);

    WorkSubvolume(WorkSubvolume&& other) noexcept;
    WorkSubvolume& operator=(WorkSubvolume&&) = delete;
    WorkSubvolume(const WorkSubvolume&) = delete;
    WorkSubvolume& operator=(const WorkSubvolume&) = delete;
    ~WorkSubvolume();

    /// Its root directory, open.
    [[nodiscard]] int root() const { return root_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Makes the subvolume read-only and syncs it to the disk. Errors (`card`).
    [[nodiscard]] Expected<void> seal();

    /// Gives it its final name, which must be free. Errors (`card`); then the destructor still deletes it.
    [[nodiscard]] Expected<void> rename_to(const snapshots::Writer& writer, const std::string& name);

    /// Replaces an existing subvolume in one atomic step. The destructor deletes the old one; after a power
    /// cut the next writer deletes it as stale work. Errors (`card`).
    [[nodiscard]] Expected<void> replace(const snapshots::Writer& writer, const std::string& name);

private:
    WorkSubvolume(int top, std::string name, UniqueFd root);
    [[nodiscard]] static Expected<WorkSubvolume> locked(int top, std::string name);

    int top_;
    std::string name_;  ///< empty: renamed or moved from, nothing to delete
    UniqueFd root_;
};

}  // namespace mox::backup
