#pragma once

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::backup {

/// A subvolume at the top level that exists while a long operation works in it: what is exported, or a system
/// that is being unpacked. It is named "@backup.N", and its directory is locked (flock) as long as this
/// object lives. So nobody has to hold the lock of the file system for minutes, and what a killed process
/// leaves behind is recognised: it is not locked any more (snapshots/stale_work.hpp). Deleted at the end of
/// the scope unless it was given another name.
class WorkSubvolume {
public:
    /// A read-only copy of a subvolume at the top level. `writer` is needed for this moment only; its top
    /// level outlives this. Errors (`card`).
    [[nodiscard]] static Expected<WorkSubvolume> copy_of(const snapshots::Writer& writer,
                                                         const std::string& source);

    /// A new, empty one.
    [[nodiscard]] static Expected<WorkSubvolume> empty(const snapshots::Writer& writer);

    WorkSubvolume(WorkSubvolume&& other) noexcept;
    WorkSubvolume& operator=(WorkSubvolume&&) = delete;
    WorkSubvolume(const WorkSubvolume&) = delete;
    WorkSubvolume& operator=(const WorkSubvolume&) = delete;
    ~WorkSubvolume();

    /// Its root directory, open.
    [[nodiscard]] int root() const { return root_.get(); }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Sets the subvolume read-only and brings everything to the disk. Errors (`card`).
    [[nodiscard]] Expected<void> seal();

    /// Gives it its final name, which must be free. Errors (`card`); then it is still deleted at the end.
    [[nodiscard]] Expected<void> become(const snapshots::Writer& writer, const std::string& name);

    /// Takes the place of an existing subvolume in one atomic step; the old one is deleted at the end of the
    /// scope, or, after a power cut, as something stale. Errors (`card`).
    [[nodiscard]] Expected<void> replace(const snapshots::Writer& writer, const std::string& name);

private:
    WorkSubvolume(int top, std::string name, UniqueFd root);
    [[nodiscard]] static Expected<WorkSubvolume> locked(int top, std::string name);

    int top_;
    std::string name_;  ///< empty: given away
    UniqueFd root_;
};

}  // namespace mox::backup
