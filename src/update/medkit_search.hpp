#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "medkit/choice.hpp"
#include "medkit/verify.hpp"
#include "storage/mount.hpp"
#include "update/context.hpp"

namespace mox::update {

/// The chosen medkit. Its files are on `source`, which stays mounted as long as this object exists.
struct ChosenMedkit {
    /// Declared first: unmounted after the files are closed. nullopt: the user has named a file or directory.
    std::optional<storage::Mount> source;
    UniqueFd directory;  ///< on `source`; holds the files of the medkit
    medkit::VerifiedMedkit medkit;
    medkit::Candidate candidate;
};

/// The result of one search of the drives.
struct SearchResult {
    std::optional<ChosenMedkit> chosen;
    std::vector<medkit::Candidate> candidates;  ///< all verified ones, with the reason of a rejection
    std::vector<std::string> unreadable;        ///< "USB drive ... (sda1, NTFS): this kernel has no NTFS"
    /// Messages about unused files: "USB drive ...: mox-medkit-latest.tar looks like a medkit, but ...".
    std::vector<std::string> not_used;
    std::size_t drives = 0;  ///< number of searched drives, files and directories
};

/// How this router's medkits are called: by its board, and by Context::variant or else its contract.
[[nodiscard]] medkit::NamePattern medkit_names(const Context& context);

/// Searches every volume of every plugged-in drive of `role`, verifies the medkits there, best class first,
/// and chooses one (medkit/choice.hpp). Searches the card at its top level and in `@`. What the user has
/// named (Context::medkits) counts as a USB drive; a named file needs no special name. Writes nothing. Logs
/// all results. Errors: the drives cannot be listed; `medkit`: what the user has named cannot be read.
[[nodiscard]] Expected<SearchResult> search_medkits(Context& context, storage::DriveRole role,
                                                    const medkit::VerifyRules& rules,
                                                    const ByteProgress& progress);

/// The error of searches that found no valid medkit: why each medkit was rejected, or where to put one. Its
/// kind is `card` when a medkit is only too large for the card.
[[nodiscard]] Error no_medkit_error(const Context& context, const std::vector<SearchResult>& searches);

}  // namespace mox::update
