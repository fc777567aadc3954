#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "network/http_reply.hpp"

namespace mox::network {

/// Returns an error when there is not enough free space for `remaining` bytes (0: the server has not sent a
/// length). Called before the first byte and repeatedly during the transfer.
using FreeSpaceCheck = std::function<Expected<void>(Bytes remaining)>;

/// The file of a download.
struct DownloadTarget {
    int file = -1;  ///< open for writing; not owned
    FreeSpaceCheck check_free_space;
    ErrorKind write_error = ErrorKind::internal;  ///< kind of error when `file` cannot be written
    /// The first bytes of the file; empty: any. Another beginning is an error: it is a page, such as a
    /// captive portal sends for every address.
    std::string begins_with = {};
    /// Called when the body of a reply begins: after the stored part, or from the start, when the file is
    /// empty again. For a target that outlives this process: the rest can be downloaded later.
    std::function<Expected<void>(const PartialDownload& partial)> begun = {};
};

/// Limits of one transfer.
struct TransferLimits {
    std::chrono::seconds connecting{15};
    /// A transfer that is slower than this for `slow_for` is given up. This does not limit its size and
    /// duration: 1 GB at 2 kB/s is allowed.
    Bytes slowest_rate{1000};
    std::chrono::seconds slow_for{60};
    int redirections = 5;
    Bytes largest{0};  ///< a larger file is refused; 0: no limit
};

/// Whether the server must have a valid certificate.
enum class PeerCheck { required, none };

enum class AddressFamily { any, ipv4 };

/// A request for a file, or for the rest of it.
struct TransferOrder {
    std::string url;
    PartialDownload partial{};
    std::filesystem::path authorities{};  ///< file with the trusted certificate authorities (PEM)
    PeerCheck peer = PeerCheck::required;
    AddressFamily family = AddressFamily::any;
    TransferLimits limits{};
    std::string protocols = "https";  ///< also of redirections; tests use http
};

enum class TransferEnd {
    complete,
    interrupted,  ///< another try may succeed
    refused,      ///< another try would fail too
    distrusted,   ///< the server's certificate is not valid
};

struct TransferReport {
    TransferEnd end = TransferEnd::refused;
    PartialDownload partial{};     ///< the bytes that are stored now
    std::optional<Error> error{};  ///< set unless `complete`; of kind `network` or the target's
};

/// Makes one request with libcurl and writes the body to the target: after the stored part, or from the start
/// when the server sends the whole file. Blocks; run it on its own thread.
[[nodiscard]] TransferReport transfer(const TransferOrder& order, const DownloadTarget& target,
                                      const ByteProgress& progress);

}  // namespace mox::network
