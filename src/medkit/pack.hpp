#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"
#include "medkit/extended_attributes.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

/// What `pack_medkit` has made.
struct PackedMedkit {
    std::vector<std::filesystem::path> files;  ///< the archive first, then what stands beside it
    Sha256Digest sha256{};
    Md5Digest md5{};
    Bytes packed;
    Bytes unpacked;
    std::uint64_t entries = 0;
    std::vector<std::string> left_out;  ///< sockets: a tar archive cannot hold them
    LeftOutAttributes left_out_attributes;
    std::optional<KeyNumber> signer;
};

/// What is packed besides a directory's own content.
struct PackRules {
    /// True for a member that is left out with everything below it; asked with its path ("./etc/passwd").
    std::function<bool(std::string_view)> left_out{};
    /// A directory whose content goes into the archive in place of what the packed one has there; empty:
    /// none.
    std::filesystem::path overlay{};
    /// What the content, holes included, may be at most: more could not be unpacked. By default what the
    /// largest card holds (SDXC).
    Bytes capacity{2ULL << 40};
    /// How the user leaves a file out, for the message about one that is too large: "by ..."; may be empty.
    std::string how_to_leave_out{};
};

/// Packs a directory as a medkit: gzipped tar whose members start with "./", sorted by name, numeric owners;
/// modes, times (to the nanosecond), xattrs, capabilities, ACLs, hard links and device nodes as they are; no
/// atime, no ctime. The same directory gives the same bytes. Sparse files stay sparse, but not below boot/:
/// U-Boot's btrfs driver has trouble with them.
///
/// What is packed can be unpacked: the rules are those of verification (entry_policy.hpp,
/// extended_attributes.hpp), applied before anything is written. Attributes of other systems are left out.
///
/// Writes `archive`, `archive`.sha256 and .md5, and .sig when there is a key (else a .sig of an earlier
/// archive is removed). Each file is there completely or not at all, under its name.
/// Errors: `medkit`, naming the file; also when something changes while it is packed.
[[nodiscard]] Expected<PackedMedkit> pack_medkit(const std::filesystem::path& directory,
                                                 const std::filesystem::path& archive, const SecretKey* key,
                                                 const ByteProgress& progress, const PackRules& rules = {});

/// The archive alone, written in order into an open file, which may be a pipe. `name` is for messages.
/// Errors: as pack_medkit.
[[nodiscard]] Expected<PackedMedkit> pack_archive(const std::filesystem::path& directory, int output,
                                                  const std::string& name, const ByteProgress& progress,
                                                  const PackRules& rules = {});

/// Writes ARCHIVE.sha256, .md5 and, with a signature, .sig, as `packed` says, and adds them to its files.
/// Errors (`medkit`).
[[nodiscard]] Expected<void> write_companions(const std::filesystem::path& archive,
                                              const std::optional<Signature>& signature,
                                              PackedMedkit& packed);

}  // namespace mox::medkit
