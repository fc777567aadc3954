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

/// What is downloaded with a medkit, from the same address with an ending.
enum class Companions {
    signature,     ///< `.sig`, without which there is no download
    any_checksum,  ///< those of `.sha256`, `.md5` and `.sig` that are there, at least one
};

/// Which medkit to download, and how.
struct MedkitOrder {
    network::Url medkit;
    std::filesystem::path authorities;  ///< see network::DownloadRules
    network::TlsPolicy tls = network::TlsPolicy::strict;
    network::AddressFamily family = network::AddressFamily::any;
    Companions companions = Companions::signature;
};

/// A medkit and its companions in memory, not looked into yet.
class DownloadedMedkit {
public:
    DownloadedMedkit(network::MemoryFolder folder, medkit::MedkitFiles files)
        : folder_(std::move(folder)), files_(std::move(files)) {}

    /// The open folder that holds them. Valid as long as this.
    [[nodiscard]] int folder() const { return folder_.fd(); }
    [[nodiscard]] const medkit::MedkitFiles& files() const { return files_; }

private:
    network::MemoryFolder folder_;
    medkit::MedkitFiles files_;
};

/// Downloads the companions, without which the medkit is not worth the wait, and then the medkit, as long as
/// there is memory for it. Blocks; to be run on a thread of its own. Errors: `network`, also a page of a
/// captive portal in place of a file; `medkit` (too large, no sound companion).
[[nodiscard]] Expected<DownloadedMedkit> download_medkit(const MedkitOrder& order, Log& log,
                                                         const ByteProgress& progress);

}  // namespace mox::modes
