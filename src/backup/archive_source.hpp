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

/// What to do with a file that has no checksum and no signature beside it.
enum class UnverifiedFile {
    refuse,
    accept_export,  ///< accept it if it has an info file, like exports of the shell version
    accept,
};

/// Conditions that a file must meet before it is imported.
struct SourceRules {
    std::filesystem::path keys;  ///< directory of trusted public keys
    /// Members that the board needs to boot; at least one of each group. If unverified exports are accepted,
    /// an export (a file with an info file) may lack them: this is only a warning.
    std::vector<std::vector<std::string>> required_files;
    std::string password;  ///< for encrypted exports
    UnverifiedFile unverified = UnverifiedFile::refuse;
    /// Also accept a file without checksum and signature, one that is signed by a key that is not trusted,
    /// and one that does not boot. A checksum that exists must match even then.
    bool force = false;
};

/// A file that was read completely and checked; exactly the checked bytes are unpacked.
struct ArchiveSource {
    medkit::VerifiedMedkit medkit;
    snapshots::SnapshotInfo info;  ///< of the .info file beside it
    bool has_info = false;
    std::vector<std::string> warnings;  ///< for the user
};

/// Finds and checks an exported file or a medkit: NAME.tar.gz, NAME.tar.gz.gpg, or the NAME.info beside one.
/// Stores decrypted content in a file without a name on the file system of `top`.
/// Errors: `medkit`; `card`: the decrypted content cannot be written; `internal`: gpg is not installed.
[[nodiscard]] Expected<ArchiveSource> open_source(const std::filesystem::path& file, const SourceRules& rules,
                                                  const snapshots::TopLevel& top,
                                                  const ByteProgress& progress);

/// Unpacks the file into an open directory with the same code as mode 4. Errors: `medkit`, `card`.
[[nodiscard]] Expected<void> unpack_source(const ArchiveSource& source, int root,
                                           const ByteProgress& progress);

}  // namespace mox::backup
