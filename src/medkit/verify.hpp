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

/// How a medkit was verified; higher is better.
enum class TrustLevel { unverified, checksummed, signed_by_trusted_key };

enum class SignatureNeed { optional, required };

struct VerifyRules {
    ArchiveRules archive;
    TrustedKeys keys;
    SignatureNeed signature = SignatureNeed::optional;
    /// At least one member of each group should exist; VerifiedMedkit::missing lists the groups without one.
    std::vector<std::vector<std::string>> wanted_files{};
};

struct VerifiedArchive {
    std::string name;
    UniqueFd file;           ///< open for reading: the verified file is unpacked
    ArchiveSummary summary;  ///< without `contents`, which only verification needs
    // The files beside the archive that matched:
    bool sha256_matched = false;
    bool md5_matched = false;
    std::optional<KeyNumber> signer;  ///< the trusted key with a valid signature
};

struct VerifiedMedkit {
    VerifiedArchive base;
    std::optional<VerifiedArchive> extra;
    TrustLevel trust = TrustLevel::unverified;  ///< the lower one of base and extra
    std::string signer;  ///< number of the key that signed the base; empty if it is not signed
    std::vector<std::string> missing{};  ///< the first name of each group of wanted files without a file
};

/// The first name of each group that has no file in `contents`. Pure.
[[nodiscard]] std::vector<std::string> missing_files(const ArchiveContents& contents,
                                                     const std::vector<std::vector<std::string>>& groups);

/// Reads and checks one medkit completely; writes nothing. Each signature or checksum beside the archive must
/// match. For a broken archive the error says whether its checksum matches: if it does, the archive was made
/// like this, otherwise it can be downloaded again.
///
/// Opens the names in `directory` without following symlinks; they must be regular files.
/// Errors: `medkit`: what is wrong with which file, and what to do; Error::reason() is ENOSPC when nothing is
/// wrong with the medkit, by its signature or checksum, but it is larger than ArchiveRules::capacity.
/// `internal`: no usable trusted keys.
[[nodiscard]] Expected<VerifiedMedkit> verify_medkit(int directory, const MedkitFiles& files,
                                                     const VerifyRules& rules, const ByteProgress& progress);

}  // namespace mox::medkit
