#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/archive_contents.hpp"

namespace mox::medkit {

/// What an archive must keep to before it may be unpacked.
struct ArchiveRules {
    Bytes capacity;  ///< no more than this may be unpacked; reading stops as soon as it is exceeded
    /// Of each group at least one member must exist as a regular, non-empty file ("boot/Image").
    std::vector<std::vector<std::string>> required_files;
    /// For NAME-extra archives: what the archive holds that this one is unpacked over. Outlives the reading.
    const ArchiveContents* unpacked_over = nullptr;

    // A medkit has about 10,000 members; these keep a hostile one from filling the router's memory.
    std::uint64_t max_entries = 200'000;
    Bytes max_names{16 << 20};  ///< all paths together
};

enum class EntryKind {
    regular,
    directory,
    symlink,
    hard_link,
    character_device,
    block_device,
    fifo,
    unknown
};

/// One member of an archive as its header describes it.
struct EntryDescription {
    std::string_view path;
    EntryKind kind = EntryKind::regular;
    std::string_view link_target;  ///< of symlinks and hard links
    std::int64_t size = 0;         ///< of the content, holes of a sparse file counted
};

/// An entry that may be unpacked.
struct AcceptedEntry {
    std::string path;         ///< without "./" and slashes at the ends; empty: the root itself
    std::string link_target;  ///< hard links: likewise; symlinks: as in the archive
};

/// "./a//b/" becomes "a/b". Errors (`medkit`): the path is absolute, leads upwards, or cannot be a name.
[[nodiscard]] Expected<std::string> normal_path(std::string_view path);

/// Decides whether an archive may be unpacked, entry by entry, in the order of the archive.
///
/// Pure: knows the tree as it would be after the entries so far. A later entry replaces an earlier one of the
/// same path, as with GNU tar. Symlinks may point anywhere (they are resolved on the router), but no path may
/// go through one: nothing is ever written through a symlink.
class EntryPolicy {
public:
    explicit EntryPolicy(const ArchiveRules& rules);

    /// Errors (`medkit`): why this entry must not be unpacked.
    [[nodiscard]] Expected<AcceptedEntry> accept(const EntryDescription& entry);

    /// After the last entry: errors (`medkit`) if a required file is missing, empty or not a file.
    [[nodiscard]] Expected<void> finish() const;

    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    [[nodiscard]] Bytes unpacked() const { return unpacked_; }
    [[nodiscard]] const ArchiveContents& contents() const { return contents_; }

private:
    [[nodiscard]] Expected<void> count(const EntryDescription& entry);
    [[nodiscard]] Expected<void> count_name(std::string_view path);
    [[nodiscard]] Expected<void> check_parents(std::string_view path);
    [[nodiscard]] Expected<NodeKind> check_kind(const EntryDescription& entry, AcceptedEntry& accepted) const;
    [[nodiscard]] Expected<NodeKind> check_hard_link(const EntryDescription& entry,
                                                     AcceptedEntry& accepted) const;
    [[nodiscard]] Expected<void> place(std::string_view path, NodeKind kind);

    ArchiveRules rules_;
    ArchiveContents contents_;
    std::uint64_t entries_ = 0;
    std::uint64_t nodes_ = 0;
    Bytes names_;
    Bytes unpacked_;
};

}  // namespace mox::medkit
