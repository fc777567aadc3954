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

/// Called with the packed bytes of an archive, in order.
using PackedListener = std::function<void(std::span<const std::byte>)>;

/// What `inspect_archive` finds in an archive.
struct ArchiveSummary {
    Sha256Digest sha256{};  ///< of the packed bytes; unpack_archive compares it
    Bytes packed;
    Bytes unpacked;  ///< sum of all file sizes
    std::uint64_t entries = 0;
    std::uint64_t hard_links = 0;   ///< number of hard links among the entries; each takes only a name
    Bytes attributes;               ///< sum of all extended attributes that are kept
    std::int64_t newest_mtime = 0;  ///< seconds since 1970 of the newest member
    std::string version;            ///< first line of etc/turris-version; empty if there is none
    ArchiveContents contents;       ///< includes those of the archive that this one is unpacked over
    FollowedLinks followed_links;   ///< symlinks of that archive that this one's directories follow
    LeftOutAttributes left_out;     ///< extended attributes that the new system does not get
};

/// One message for each symlink that directories of an accepted archive follow.
[[nodiscard]] std::vector<std::string> describe_followed_links(const ArchiveSummary& summary);

/// Reads a whole archive (gzip, tar) and writes nothing. Checks gzip CRC and length, the tar structure, that
/// no data follows the end, and the rules of entry_policy.hpp and extended_attributes.hpp: an accepted
/// archive can be unpacked on every healthy btrfs with enough free space. `rules.memory` is lowered to a
/// quarter of the free memory. Every packed byte is hashed (SHA-256) and passed, in order, to each of
/// `listeners` (another checksum, a signature), each on a thread of its own.
///
/// `archive` is read from offset 0 by pread. `name` is for messages. Errors: `medkit`.
[[nodiscard]] Expected<ArchiveSummary> inspect_archive(int archive, std::string_view name,
                                                       const ArchiveRules& rules,
                                                       std::span<const PackedListener> listeners,
                                                       const ByteProgress& progress);

/// Unpacks an archive that `inspect_archive` accepted into the directory `root`, over what is there: owners,
/// modes, times, xattrs, capabilities, ACLs, hard links and device nodes as in the archive. Holes of sparse
/// files stay holes, except below boot/, because U-Boot's btrfs driver does not read holes reliably. No path
/// leads out of `root` (openat2, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS); directories of the archive follow
/// the links of `accepted` only.
///
/// The packed bytes are hashed again: if they differ from those of `accepted`, the result is an error and the
/// caller must delete the directory. Does not sync. Errors: `medkit` (source), `card` (target).
[[nodiscard]] Expected<void> unpack_archive(int archive, std::string_view name, int root,
                                            const ArchiveSummary& accepted, const ByteProgress& progress);

}  // namespace mox::medkit
