#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/archive_contents.hpp"
#include "medkit/digest.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/extended_attributes.hpp"
#include "medkit/link_resolution.hpp"

namespace mox::medkit {

/// Is told the packed bytes of an archive, in order.
using PackedListener = std::function<void(std::span<const std::byte>)>;

/// What reading an archive to its end has shown.
struct ArchiveSummary {
    Sha256Digest sha256{};  ///< of the packed bytes: what is unpacked later must be the same
    Bytes packed;
    Bytes unpacked;  ///< sum of all file sizes
    std::uint64_t entries = 0;
    std::uint64_t hard_links = 0;   ///< of the entries; they take no more than a name
    Bytes attributes;               ///< sum of all extended attributes that are kept
    std::int64_t newest_mtime = 0;  ///< seconds since 1970 of the youngest member
    std::string version;            ///< first line of etc/turris-version; empty if there is none
    ArchiveContents contents;       ///< with those of the archive that it is unpacked over
    FollowedLinks
        followed_links;          ///< of the archive that it is unpacked over, that its directories go through
    LeftOutAttributes left_out;  ///< extended attributes that the new system does not get
};

/// A sentence for each symlink that directories of an accepted archive go through.
[[nodiscard]] std::vector<std::string> describe_followed_links(const ArchiveSummary& summary);

/// Reads a whole archive (gzip, tar) without writing anything: gzip CRC and length, tar structure, nothing
/// behind the end, and the rules of entry_policy.hpp and extended_attributes.hpp, so that what is accepted
/// can be unpacked on every healthy btrfs with room. `rules.memory` is lowered to a quarter of the memory
/// that is free. On the way every packed byte is hashed (SHA-256) and shown, in order, to each of `listeners`
/// (another checksum, a signature), on threads of their own.
///
/// `archive` is read from offset 0 by pread. `name` is for messages. Errors: `medkit`.
[[nodiscard]] Expected<ArchiveSummary> inspect_archive(int archive, std::string_view name,
                                                       const ArchiveRules& rules,
                                                       std::span<const PackedListener> listeners,
                                                       const ByteProgress& progress);

/// Unpacks an archive that `inspect_archive` has accepted into the directory `root`, over what is there:
/// owners, modes, times, xattrs, capabilities, ACLs, hard links and device nodes as in the archive. Holes of
/// sparse files stay holes, but not below boot/: U-Boot's btrfs driver has trouble with them. No path is
/// followed out of `root` (openat2, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS); links that directories of the
/// archive go through are those of `accepted`.
///
/// The packed bytes are hashed again: if they are not those of `accepted`, the result is an error and the
/// caller throws the directory away. Nothing is synced. Errors: `medkit` (source), `card` (target).
[[nodiscard]] Expected<void> unpack_archive(int archive, std::string_view name, int root,
                                            const ArchiveSummary& accepted, const ByteProgress& progress);

}  // namespace mox::medkit
