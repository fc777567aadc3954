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

/// The files that are downloaded with a medkit, from its URL with an ending.
enum class Companions {
    signature,     ///< `.sig`; without it the medkit is not downloaded
    any_checksum,  ///< those of `.sha256`, `.md5` and `.sig` that exist, at least one
};

/// Which medkit to download, and how.
struct DownloadRequest {
    network::Url medkit;
    std::filesystem::path authorities;  ///< see network::DownloadRules
    network::TlsPolicy tls = network::TlsPolicy::strict;
    network::AddressFamily family = network::AddressFamily::any;
    Companions companions = Companions::signature;
};

/// A medkit and its companions in memory, not verified yet.
class DownloadedMedkit {
public:
    DownloadedMedkit(network::MemoryDirectory directory, medkit::MedkitFiles files)
        : directory_(std::move(directory)), files_(std::move(files)) {}

    /// The open directory that holds the files. Valid as long as this object.
    [[nodiscard]] int directory() const { return directory_.fd(); }
    [[nodiscard]] const medkit::MedkitFiles& files() const { return files_; }

private:
    network::MemoryDirectory directory_;
    medkit::MedkitFiles files_;
};

/// Downloads the companions first, because the medkit cannot be used without them, and then the medkit, if it
/// fits into the memory. Blocks; run it on a thread of its own. Errors: `network`, also for a page of a
/// captive portal in place of a file; `medkit`: too large, or no valid companion.
[[nodiscard]] Expected<DownloadedMedkit> download_medkit(const DownloadRequest& request, Log& log,
                                                         const ByteProgress& progress);

/// The source of mode 6, and its TLS policy.
struct InternetSource {
    network::Url directory;
    network::TlsPolicy tls = network::TlsPolicy::relaxed;
};

/// Reads each value from the kernel command line, else from the boot environment, else from the board, so
/// that other distributions can use the same rescue image. Pure, except that it reads these two.
///
/// - `rescue_url=https://HOST/FOLDER`: the directory that holds the latest medkit (medkit::latest_name). An
///   invalid URL is an error (`network`), because the board's own URL may be that of another distribution.
/// - `rescue_tls=strict` or `relaxed`; any other value means strict.
[[nodiscard]] Expected<InternetSource> read_internet_source(const board::Description& board,
                                                            const boot::KernelCommandLine& command_line,
                                                            const boot::Environment& environment);

}  // namespace mox::update
