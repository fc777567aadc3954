#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "medkit/verify.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/top_level.hpp"

namespace mox::backup {

/// What is done with a file that nothing beside it vouches for: no checksum, no trusted signature.
enum class BareFile {
    refuse,
    accept_export,  ///< accept it when an info file stands beside it, as exports of the shell version have it
    accept,
};

/// What a file must be before it becomes a snapshot.
struct SourceRules {
    std::filesystem::path keys;  ///< directory of trusted public keys
    /// Members without which the board does not boot; of each group at least one. An export (with an info
    /// file beside it) may lack them when bare exports are accepted: then it is a warning.
    std::vector<std::vector<std::string>> required_files;
    std::string password;  ///< for encrypted exports
    BareFile bare = BareFile::refuse;
    /// Take it also when nothing vouches for it, when it is signed by a key that is not trusted, or when it
    /// does not boot. A checksum that is there must be right all the same.
    bool force = false;
};

/// A file that was read to its end and checked; what was checked is what is unpacked.
struct ArchiveSource {
    medkit::VerifiedMedkit medkit;
    snapshots::SnapshotInfo info;  ///< of the .info file beside it
    bool has_info = false;
    std::vector<std::string> warnings;  ///< what the user should know of it
};

/// Finds and checks an exported file or a medkit: NAME.tar.gz, NAME.tar.gz.gpg, or the NAME.info beside one.
/// Decrypted content lies in a file without a name on the file system of `top`.
/// Errors: `medkit`.
[[nodiscard]] Expected<ArchiveSource> open_source(const std::filesystem::path& file, const SourceRules& rules,
                                                  const snapshots::TopLevel& top,
                                                  const ByteProgress& progress);

/// Unpacks it into an open directory, by the same code as mode 4. Errors: `medkit`, `card`.
[[nodiscard]] Expected<void> unpack_source(const ArchiveSource& source, int root,
                                           const ByteProgress& progress);

}  // namespace mox::backup
