#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"
#include "network/download.hpp"
#include "network/url.hpp"

namespace mox::update {

/// Which medkit to fetch, and where to.
struct FetchRequest {
    network::Url medkit;
    std::filesystem::path directory;  ///< exists
    network::DownloadRules download;
    /// SignatureNeed::required: a medkit without a signature is not downloaded. Otherwise a checksum will do.
    medkit::VerifyRules verify;
};

/// A medkit in a directory, with its companions, verified.
struct FetchedMedkit {
    std::filesystem::path archive;
    medkit::VerifiedMedkit verified;
    Bytes continued_from{};  ///< what an earlier call had stored
    bool was_there = false;  ///< the server has the same medkit: nothing was downloaded
};

/// Downloads a medkit and its companions into a directory on a disk, and verifies it. What is not complete
/// stays in the directory NAME.part, where the next call goes on. Blocks.
///
/// Errors: `network`: also a page of a captive portal in place of a file; `medkit`: the directory cannot be
/// written to or is full, another call does the same, or the medkit is refused, which is removed then; as
/// verify_medkit.
[[nodiscard]] Expected<FetchedMedkit> fetch_medkit(const FetchRequest& request, Log& log, Progress& progress);

}  // namespace mox::update
