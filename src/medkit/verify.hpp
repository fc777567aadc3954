#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/unique_fd.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

/// What vouches for a medkit; more is better.
enum class Trust { bare, hashed, signed_by_trusted_key };

enum class SignatureNeed { optional, required };

struct VerifyRules {
    ArchiveRules archive;
    std::filesystem::path keys;  ///< directory of trusted public keys, named by key number
    SignatureNeed signature = SignatureNeed::optional;
};

struct VerifiedArchive {
    std::string name;
    UniqueFd file;  ///< open for reading: what was verified is what will be unpacked
    ArchiveSummary summary;
};

struct VerifiedMedkit {
    VerifiedArchive base;
    std::optional<VerifiedArchive> extra;
    Trust trust = Trust::bare;  ///< the lesser of base and extra
    std::string signer;         ///< key number when signed
};

/// Reads and checks everything about one medkit; nothing is written. Whatever stands beside the archive must
/// be right. Errors (`medkit`): what is wrong with which file, and what to do.
[[nodiscard]] Expected<VerifiedMedkit> verify_medkit(int directory, const MedkitFiles& files,
                                                     const VerifyRules& rules, const ByteProgress& progress);

}  // namespace mox::medkit
