#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "medkit/medkit_files.hpp"
#include "network/download.hpp"
#include "network/memory_folder.hpp"
#include "network/url.hpp"

namespace mox::modes {

/// Which medkit to download, and how.
struct MedkitOrder {
    network::Url medkit;                ///< its signature lies beside it: the same with ".sig"
    std::filesystem::path authorities;  ///< see network::DownloadRules
    network::TlsPolicy tls = network::TlsPolicy::strict;
    network::AddressFamily family = network::AddressFamily::any;
};

/// A medkit and its signature in memory, not looked into yet.
class DownloadedMedkit {
public:
    DownloadedMedkit(network::MemoryFolder folder, medkit::MedkitFiles files)
        : folder_(std::move(folder)), files_(std::move(files)) {}

    /// The open folder that holds both. Valid as long as this.
    [[nodiscard]] int folder() const { return folder_.fd(); }
    [[nodiscard]] const medkit::MedkitFiles& files() const { return files_; }

private:
    network::MemoryFolder folder_;
    medkit::MedkitFiles files_;
};

/// Downloads the signature, without which the medkit is not worth the wait, and then the medkit, as long as
/// there is memory for it. Blocks; to be run on a thread of its own. Errors: `network`, also a page of a
/// captive portal in place of a file; `medkit` (too large, no sound signature).
[[nodiscard]] Expected<DownloadedMedkit> download_medkit(const MedkitOrder& order, Log& log,
                                                         const ByteProgress& progress);

}  // namespace mox::modes
