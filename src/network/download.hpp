#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/progress.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "network/retry.hpp"
#include "network/transfer.hpp"
#include "network/url.hpp"
#include "storage/mount.hpp"

namespace mox::network {

/// What to do when the TLS certificate of the server is not valid.
enum class TlsPolicy {
    strict,   ///< does not download
    relaxed,  ///< logs a warning and downloads: for files whose signature is checked before they are used
};

struct DownloadRules {
    std::filesystem::path authorities;  ///< file with the trusted certificate authorities (PEM)
    TlsPolicy tls = TlsPolicy::strict;
    AddressFamily family = AddressFamily::any;
    TransferLimits limits{};
    RetryRules retry{};
    /// What an earlier download has stored in the target; it is continued if the server has the same file.
    PartialDownload stored{};
};

/// Downloads a file over HTTPS. After an interruption it tries again, and continues at the same byte if the
/// server still has the same file (Range, If-Range); a changed file is downloaded from the start. `https`
/// only, also after redirections. Blocks as long as bytes arrive, for hours if necessary; run it on its own
/// thread.
///
/// Returns the size. Errors: `network` with what to try; `medkit` when the file is too large; the kind of
/// `target` when it cannot be stored. After an error the content of the target is undefined.
[[nodiscard]] Expected<Bytes> download(const Url& url, const DownloadTarget& target,
                                       const DownloadRules& rules, Log& log, const ByteProgress& progress);

/// A directory in memory (tmpfs) without a mount point: it is removed with this object, or when the process
/// ends.
class MemoryDirectory {
public:
    /// `size`: the most memory that it may use. Errors (`internal`): the kernel has no tmpfs.
    [[nodiscard]] static Expected<MemoryDirectory> make(Bytes size);

    /// The open directory. Valid as long as this object.
    [[nodiscard]] int fd() const { return mounted_.root.get(); }

    /// A new, empty file in it, open for reading and writing. Errors (`internal`).
    [[nodiscard]] Expected<UniqueFd> create(const std::string& name) const;

private:
    explicit MemoryDirectory(storage::DetachedMount mounted) : mounted_(std::move(mounted)) {}

    storage::DetachedMount mounted_;
};

}  // namespace mox::network
