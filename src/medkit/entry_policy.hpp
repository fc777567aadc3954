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

/// The file in each installed system that names the disk for schnapps.
inline constexpr std::string_view configuration_file = "etc/schnapps/config";

/// The file in each installed system that tells by whom, when and from which medkit it was installed, one
/// line.
inline constexpr std::string_view installation_record = "etc/schnapps/installed";

/// All files that the installation itself writes into the tree.
[[nodiscard]] inline std::vector<std::string> files_of_the_installation() {
    return {std::string(configuration_file), std::string(installation_record)};
}

/// Groups of files, of which at least one of each must be there, or should.
using FileGroups = std::vector<std::vector<std::string>>;

/// The groups of which `contents` holds no member as a regular file that is not empty. Pure. This one rule
/// serves verification (ArchiveRules::required_files), its warnings, and those of packing.
[[nodiscard]] FileGroups groups_without_file(const ArchiveContents& contents, const FileGroups& groups);

/// The first name of each group, by which JSON and messages call it.
[[nodiscard]] std::vector<std::string> first_names(const FileGroups& groups);

/// "does not hold boot/Image or boot/Image.lzma as a file with content"
[[nodiscard]] std::string describe_missing(const std::vector<std::string>& group);

/// Conditions that an archive must meet before it may be unpacked.
struct ArchiveRules {
    Bytes capacity;  ///< no more than this may be unpacked; reading stops as soon as it is exceeded
    /// At least one member of each group must exist as a regular, non-empty file ("boot/Image").
    FileGroups required_files;
    /// Files that the installation itself writes into the tree: each parent must be a directory or missing,
    /// and the path itself must not be a directory.
    std::vector<std::string> written_files = {};
    /// For NAME-extra archives: contents of the archive that this one is unpacked over; null otherwise. Must
    /// stay valid while the archive is read.
    const ArchiveContents* unpacked_over = nullptr;

    /// Limit of the memory for data about the members (names, links, attributes of directories), in
    /// verification and unpacking. A quarter of the free memory of a router with 512 MB, on every machine: a
    /// PC must not accept an archive that a router cannot unpack. Enough for more than half a million
    /// members.
    Bytes memory{96 << 20};
    /// For messages, the source of `memory`: "a quarter of the memory that is free here".
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
    std::size_t attributes = 0;    ///< size of its extended attributes in bytes, names and values
};

/// An entry that may be unpacked.
struct AcceptedEntry {
    std::string path;         ///< where it is written, without "./" and symlinks; empty: the root itself
    std::string link_target;  ///< of a hard link: in the same form; of a symlink: as in the archive
    /// The directory already exists behind a symlink: it is not created, and its attributes stay.
    bool is_followed_link = false;
};

/// Converts "./a//b/" to "a/b". Errors (`medkit`): the path is absolute, contains "..", or cannot be a name.
[[nodiscard]] Expected<std::string> normal_path(std::string_view path);

/// `name` for messages: control characters become "?", because a terminal would execute them, and a long name
/// is shortened, because it may have a megabyte.
[[nodiscard]] std::string printable(std::string_view name);

/// Decides whether an archive may be unpacked, entry by entry, in the order of the archive.
///
/// Pure: holds the tree as it would be after the entries so far. A later entry replaces an earlier one of the
/// same path, as in GNU tar. A symlink may have any target (it is resolved on the router), but no entry is
/// written through a symlink, with one exception: a directory entry whose path is a symlink to a directory
/// inside the root follows it and leaves it as it is (FollowedLinks). An -extra archive needs this for a
/// system whose /lib is a link to usr/lib. A directory that the archive only implies ("lib" of "lib/modules")
/// follows relative links of the system that the archive is unpacked over, never links of its own archive.
class EntryPolicy {
public:
    explicit EntryPolicy(const ArchiveRules& rules);

    /// Checks the next entry. Errors (`medkit`): why it must not be unpacked; Error::reason() is EFBIG when
    /// the content is larger than ArchiveRules::capacity.
    [[nodiscard]] Expected<AcceptedEntry> accept(const EntryDescription& entry);

    /// Call after the last entry. Errors (`medkit`): a required file is missing, empty or not a file, the
    /// installation could not write its own files, or btrfs could not store the names.
    [[nodiscard]] Expected<void> finish() const;

    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    [[nodiscard]] Bytes unpacked() const { return unpacked_; }
    [[nodiscard]] const ArchiveContents& contents() const { return contents_; }
    [[nodiscard]] ArchiveContents take_contents() && { return std::move(contents_); }
    [[nodiscard]] const FollowedLinks& followed_links() const { return followed_; }

private:
    /// The result of resolving a path.
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
    /// Symlinks of this archive without an existing target that a directory replaced, and their targets.
    std::map<std::string, std::string> replaced_links_;
    std::uint32_t first_own_file_ = 0;
    std::uint64_t entries_ = 0;
    Bytes below_;       ///< memory of the contents that this archive is unpacked over
    Bytes attributes_;  ///< memory of directories' attributes and of followed links
    Bytes unpacked_;
};

}  // namespace mox::medkit
