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

/// What to do when the server cannot prove by TLS who it is.
enum class TlsPolicy {
    strict,   ///< nothing is downloaded
    relaxed,  ///< say why, and go on: for files whose signature is checked before they are used
};

struct DownloadRules {
    std::filesystem::path authorities;  ///< file of the certificates (PEM) that servers' must be signed by
    TlsPolicy tls = TlsPolicy::strict;
    AddressFamily family = AddressFamily::any;
    TransferLimits limits{};
    RetryRules retry{};
};

/// Downloads a file over HTTPS: tries again when it breaks off, and goes on where it was if the server still
/// has the same file (Range, If-Range); a changed file starts anew. `https` only, also after redirections.
/// Blocks, for hours if need be, as long as bytes come; to be run on a thread of its own.
///
/// Returns the size. Errors: `network` with what to try; `medkit` when it is too large; the kind of `target`
/// when it cannot be stored. The target then holds a part, or anything.
[[nodiscard]] Expected<Bytes> download(const Url& url, const DownloadTarget& target,
                                       const DownloadRules& rules, Log& log, const ByteProgress& progress);

/// A folder in memory (tmpfs) that has no place in any directory tree: it is gone with this, or with the
/// process.
class MemoryFolder {
public:
    /// `size`: what it may take of the memory at most. Errors (`internal`): the kernel has no tmpfs.
    [[nodiscard]] static Expected<MemoryFolder> make(Bytes size);

    /// The folder, open. Valid as long as this.
    [[nodiscard]] int fd() const { return mounted_.root.get(); }

    /// A new, empty file in it, open for reading and writing. Errors (`internal`).
    [[nodiscard]] Expected<UniqueFd> create(const std::string& name) const;

private:
    explicit MemoryFolder(storage::DetachedMount mounted) : mounted_(std::move(mounted)) {}

    storage::DetachedMount mounted_;
};

}  // namespace mox::network
