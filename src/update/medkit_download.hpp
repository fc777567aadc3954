#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "medkit/medkit_files.hpp"
#include "network/download.hpp"
#include "network/url.hpp"

namespace mox::update {

/// What is downloaded with a medkit, from the same address with an ending.
enum class Companions {
    signature,     ///< `.sig`, without which there is no download
    any_checksum,  ///< those of `.sha256`, `.md5` and `.sig` that are there, at least one
};

/// Which medkit to download, and how.
struct DownloadRequest {
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
[[nodiscard]] Expected<DownloadedMedkit> download_medkit(const DownloadRequest& order, Log& log,
                                                         const ByteProgress& progress);

/// Where mode 6 downloads from, and how much it demands of the server.
struct InternetSource {
    network::Url folder;
    network::TlsPolicy tls = network::TlsPolicy::relaxed;
};

/// Reads it, each value from the kernel command line, else from the boot environment, else from the board, so
/// that other distributions can use the same rescue image. Pure but for reading the two.
///
/// - `rescue_url=https://HOST/FOLDER`: the folder that holds mox-medkit-latest.tar.gz. One that cannot be
/// used is
///   an error (`network`): the board's own would be another distribution's.
/// - `rescue_tls=strict` or `relaxed`; anything else means strict.
[[nodiscard]] Expected<InternetSource> read_internet_source(const board::Description& board,
                                                            const boot::KernelCommandLine& command_line,
                                                            const boot::Environment& environment);

/// The medkit that a router of one contract variant ("" or "-contract-X") takes from that folder.
[[nodiscard]] std::string latest_medkit_name(const std::string& variant);

}  // namespace mox::update
