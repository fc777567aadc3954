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

/// A medkit that was chosen. Its files are on `source`, which stays mounted as long as this value lives.
struct ChosenMedkit {
    std::optional<storage::Mount> source;  ///< declared first: unmounted after the files are closed
    UniqueFd folder;                       ///< of `source`: the medkit's files are in it
    medkit::VerifiedMedkit medkit;
    medkit::Candidate candidate;
};

/// What one look at the drives has shown.
struct SearchResult {
    std::optional<ChosenMedkit> chosen;
    std::vector<medkit::Candidate> candidates;  ///< all, with the reason why one was not taken
    std::vector<std::string> unreadable;        ///< "USB drive ... (sda1, NTFS): this kernel has no NTFS"
    /// "USB drive ...: mox-medkit-latest.tar looks like a medkit, but ...": files that were passed over.
    std::vector<std::string> not_used;
    std::size_t drives = 0;  ///< how many were looked at
};

/// Looks at every volume of every plugged-in drive of `role`, verifies the medkits there, best class first,
/// and chooses (medkit/choice.hpp). The card is searched at its top level and in `@`. Nothing is written.
/// Everything found is logged. Errors: the drives cannot be listed.
[[nodiscard]] Expected<SearchResult> search_medkits(Context& context, storage::DriveRole role,
                                                    const medkit::VerifyRules& rules,
                                                    const ByteProgress& progress);

/// The error of a search that has chosen nothing: what was wrong with each medkit, or where to put one.
[[nodiscard]] Error nothing_chosen(const std::vector<SearchResult>& searches);

}  // namespace mox::update
