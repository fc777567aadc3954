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
#include "medkit/entry_policy.hpp"
#include "medkit/extended_attributes.hpp"
#include "medkit/gzip_writer.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

/// The result of `pack_medkit`.
struct PackedMedkit {
    std::vector<std::filesystem::path> files;  ///< the archive first, then the files beside it
    Sha256Digest sha256{};
    Md5Digest md5{};
    Bytes packed;
    Bytes unpacked;
    std::uint64_t entries = 0;
    std::vector<std::string> left_out;  ///< sockets, which a tar archive cannot hold
    LeftOutAttributes left_out_attributes;
    FileGroups missing;  ///< of PackRules::wanted_files
    std::optional<KeyNumber> signer;
};

/// For each missing group of boot files: "boot/boot.scr is missing: mode 4 refuses this medkit, because it
/// does not hold boot/boot.scr as a file with content".
[[nodiscard]] std::vector<std::string> describe_refusals(const FileGroups& missing);

/// Options of packing.
struct PackRules {
    /// True for a member that is left out with everything below it; called with its path ("./etc/passwd").
    std::function<bool(std::string_view)> left_out{};
    /// A directory whose entries replace those of the packed directory at the same paths; empty: none.
    std::filesystem::path overlay{};
    /// Maximum size of the content with its holes: more could not be unpacked. The default is the size of the
    /// largest card (SDXC).
    Bytes capacity{2ULL << 40};
    /// At least one file of each group should be in the archive; PackedMedkit::missing lists the others.
    FileGroups wanted_files{};
    /// How the user can leave a file out, for the message about a file that is too large: "by ..."; may be
    /// empty.
    std::string how_to_leave_out{};
    GzipSettings compression{};
};

/// Packs a directory as a medkit: gzipped tar whose members start with "./", sorted by name, numeric owners;
/// modes, times (to the nanosecond), xattrs, capabilities, ACLs, hard links and device nodes as they are; no
/// atime, no ctime. The same directory and level give the same bytes, whatever the machine. Sparse files stay
/// sparse, except below boot/: U-Boot's btrfs driver does not read holes reliably.
///
/// Every packed medkit can be unpacked: the rules of verification (entry_policy.hpp, extended_attributes.hpp)
/// are checked before the first write. Attributes of other systems are left out.
///
/// Writes `archive`, `archive`.sha256 and .md5, and .sig if there is a key (else removes the .sig of an
/// earlier archive). Each file gets its name only when it is complete. Errors: `medkit`, with the name of the
/// file; also if the directory changes while it is packed.
[[nodiscard]] Expected<PackedMedkit> pack_medkit(const std::filesystem::path& directory,
                                                 const std::filesystem::path& archive, const SecretKey* key,
                                                 const ByteProgress& progress, const PackRules& rules = {});

/// Writes only the archive, sequentially, into an open file, which may be a pipe. `name` is for messages.
/// Errors: as pack_medkit.
[[nodiscard]] Expected<PackedMedkit> pack_archive(const std::filesystem::path& directory, int output,
                                                  const std::string& name, const ByteProgress& progress,
                                                  const PackRules& rules = {});

/// Writes ARCHIVE.sha256, .md5 and, with a signature, .sig, from the values in `packed`; adds them to its
/// files. Errors (`medkit`).
[[nodiscard]] Expected<void> write_companions(const std::filesystem::path& archive,
                                              const std::optional<Signature>& signature,
                                              PackedMedkit& packed);

}  // namespace mox::medkit
