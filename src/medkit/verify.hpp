#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "medkit/keys.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

/// What vouches for a medkit; more is better.
enum class TrustLevel { unverified, checksummed, signed_by_trusted_key };

enum class SignatureNeed { optional, required };

struct VerifyRules {
    ArchiveRules archive;
    TrustedKeys keys;  ///< whose signatures count
    SignatureNeed signature = SignatureNeed::optional;
    /// Members that may be missing, but then VerifiedMedkit::missing says so; of each group at least one.
    std::vector<std::vector<std::string>> wanted_files{};
};

struct VerifiedArchive {
    std::string name;
    UniqueFd file;           ///< open for reading: what was verified is what will be unpacked
    ArchiveSummary summary;  ///< without its contents, which only verification needs
    // What stood beside the archive, and was right:
    bool sha256_matched = false;
    bool md5_matched = false;
    std::optional<KeyNumber> signer;  ///< the trusted key whose signature was right
};

struct VerifiedMedkit {
    VerifiedArchive base;
    std::optional<VerifiedArchive> extra;
    TrustLevel trust = TrustLevel::unverified;  ///< the lesser of base and extra
    std::string signer;  ///< number of the key that signed the base; empty when it is not signed
    std::vector<std::string> missing{};  ///< of each group of wanted files that is not there, the first one
};

/// Of each group that has no file in `contents`, the first one. Pure.
[[nodiscard]] std::vector<std::string> missing_files(const ArchiveContents& contents,
                                                     const std::vector<std::vector<std::string>>& groups);

/// Reads and checks everything about one medkit; nothing is written. Whatever stands beside the archive must
/// be right; of two faults the one that tells what to do is reported: an archive that is broken although its
/// checksum is right was made like that, all others can be downloaded again.
///
/// Names are opened in `directory` without following symlinks, and must be regular files.
/// Errors (`medkit`): what is wrong with which file, and what to do. `internal`: no usable trusted keys.
[[nodiscard]] Expected<VerifiedMedkit> verify_medkit(int directory, const MedkitFiles& files,
                                                     const VerifyRules& rules, const ByteProgress& progress);

}  // namespace mox::medkit
