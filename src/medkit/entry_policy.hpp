#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/archive_contents.hpp"
#include "medkit/link_resolution.hpp"

namespace mox::medkit {

/// Where every installation says which disk schnapps works on.
inline constexpr std::string_view configuration_file = "etc/schnapps/config";

/// What an archive must keep to before it may be unpacked.
struct ArchiveRules {
    Bytes capacity;  ///< no more than this may be unpacked; reading stops as soon as it is exceeded
    /// Of each group at least one member must exist as a regular, non-empty file ("boot/Image").
    std::vector<std::vector<std::string>> required_files;
    /// Files that the installation itself writes over the tree: each directory on the way must be one, or be
    /// missing, and a directory must not stand in the file's place.
    std::vector<std::string> written_files = {};
    /// For NAME-extra archives: what the archive holds that this one is unpacked over. Outlives the reading.
    const ArchiveContents* unpacked_over = nullptr;

    /// What may be kept in memory about the members, when verifying and when unpacking: names, links,
    /// attributes of directories. A quarter of what a router with 512 MB has free, whatever this machine has:
    /// a PC must not accept what a router cannot unpack. Enough for half a million members and more.
    Bytes memory{96 << 20};
    /// For messages, where `memory` comes from: "a quarter of the memory that is free here".
    std::string memory_reason = "what a router can spare";
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
    std::size_t attributes = 0;    ///< what its extended attributes take, names and values
};

/// An entry that may be unpacked.
struct AcceptedEntry {
    std::string path;         ///< where it is written, without "./" and links; empty: the root itself
    std::string link_target;  ///< hard links: likewise; symlinks: as in the archive
    /// A directory that is there already, through a symlink: nothing is to be done, its attributes stay.
    bool is_followed_link = false;
};

/// "./a//b/" becomes "a/b". Errors (`medkit`): the path is absolute, leads upwards, or cannot be a name.
[[nodiscard]] Expected<std::string> normal_path(std::string_view path);

/// For messages: control characters would play tricks on the console, and a name may be a megabyte.
[[nodiscard]] std::string printable(std::string_view name);

/// Decides whether an archive may be unpacked, entry by entry, in the order of the archive.
///
/// Pure: knows the tree as it would be after the entries so far. A later entry replaces an earlier one of the
/// same path, as with GNU tar. Symlinks may point anywhere (they are resolved on the router), but nothing is
/// written through one, with one exception: a directory that meets a symlink to a directory inside the root
/// goes through it and leaves it as it is (FollowedLinks). That is how an -extra archive meets a system whose
/// /lib is a link to usr/lib. A directory that the archive only implies ("lib" of "lib/modules") goes through
/// links of the system below it, if they are relative; never through links of its own archive.
class EntryPolicy {
public:
    explicit EntryPolicy(const ArchiveRules& rules);

    /// Errors (`medkit`): why this entry must not be unpacked.
    [[nodiscard]] Expected<AcceptedEntry> accept(const EntryDescription& entry);

    /// After the last entry: errors (`medkit`) if a required file is missing, empty or not a file, if the
    /// installation could not write its own files, or if btrfs could not hold the names.
    [[nodiscard]] Expected<void> finish() const;

    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    [[nodiscard]] Bytes unpacked() const { return unpacked_; }
    [[nodiscard]] const ArchiveContents& contents() const { return contents_; }
    [[nodiscard]] ArchiveContents take_contents() && { return std::move(contents_); }
    [[nodiscard]] const FollowedLinks& followed_links() const { return followed_; }

private:
    /// A place that a path leads to.
    struct Place {
        std::string path;
        bool is_followed_link = false;
    };
    enum class Missing { is_created, stays };

    [[nodiscard]] Expected<AcceptedEntry> check(const EntryDescription& entry);
    [[nodiscard]] Expected<void> count_content(const EntryDescription& entry);
    [[nodiscard]] Expected<void> check_memory(const EntryDescription& entry);
    [[nodiscard]] Expected<std::string> find_directory(std::string_view path, Missing missing);
    [[nodiscard]] Expected<std::string> enter(std::string place, Missing missing);
    [[nodiscard]] Expected<std::string> follow(const std::string& link);
    [[nodiscard]] Expected<Place> find_place(std::string_view path, EntryKind kind, Missing missing);
    [[nodiscard]] Expected<Place> place_of_directory(std::string path);
    [[nodiscard]] Expected<void> put(const EntryDescription& entry, AcceptedEntry& accepted);
    [[nodiscard]] Expected<void> put_hard_link(const EntryDescription& entry, AcceptedEntry& accepted);
    [[nodiscard]] Expected<void> check_replacement(const std::string& path, EntryKind kind) const;
    [[nodiscard]] Expected<void> check_written_file(std::string_view path) const;
    [[nodiscard]] bool is_own_link(std::string_view path) const;

    ArchiveRules rules_;
    ArchiveContents contents_;
    FollowedLinks followed_;
    /// Symlinks of this archive that led to nothing when a directory replaced them, and where they led.
    std::map<std::string, std::string> replaced_links_;
    std::uint32_t first_own_file_ = 0;
    std::uint64_t entries_ = 0;
    Bytes below_;       ///< memory of the contents that this archive is unpacked over
    Bytes attributes_;  ///< memory of directories' attributes and of links that are followed
    Bytes unpacked_;
};

}  // namespace mox::medkit
