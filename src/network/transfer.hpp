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

/// Is told how much is still to come (as far as the server says; 0: it has not said) and refuses when there
/// is no room for it. Asked before the first byte and again and again while they come.
using RoomCheck = std::function<Expected<void>(Bytes to_come)>;

/// Where a download goes.
struct DownloadTarget {
    int file = -1;  ///< open for writing; not owned
    RoomCheck room;
    ErrorKind trouble = ErrorKind::internal;  ///< kind of error when `file` cannot be written
    /// What the file begins with; empty: anything. Another beginning is no file but a page, such as a captive
    /// portal gives for every address.
    std::string begins_with = {};
};

/// What one transfer puts up with.
struct TransferLimits {
    std::chrono::seconds connecting{15};
    /// Slower than this for so long is given up. Size and duration are not limited by it: 1 GB at 2 kB/s is
    /// a matter of patience.
    Bytes slowest_rate{1000};
    std::chrono::seconds slow_for{60};
    int redirections = 5;
    Bytes largest{0};  ///< more is refused, whatever the server says; 0: no limit of its own
};

/// Whether the server has to prove who it is.
enum class PeerCheck { required, none };

enum class AddressFamily { any, ipv4 };

/// One request for a file, or for the rest of it.
struct TransferOrder {
    std::string url;
    PartialDownload partial{};
    std::filesystem::path authorities{};  ///< file of the certificates (PEM) that servers' must be signed by
    PeerCheck peer = PeerCheck::required;
    AddressFamily family = AddressFamily::any;
    TransferLimits limits{};
    std::string protocols = "https";  ///< also of redirections; a test may talk plainly to itself
};

enum class TransferEnd {
    complete,
    interrupted,  ///< worth another try
    refused,      ///< another try would end the same way
    distrusted,   ///< the server could not prove who it is
};

struct TransferReport {
    TransferEnd end = TransferEnd::refused;
    PartialDownload partial{};     ///< how far it has come now
    std::optional<Error> error{};  ///< unless complete: why, of kind `network` or the target's
};

/// Makes one request with libcurl and writes what comes to the target: behind what is there, or from the
/// start when the server sends the whole file. Blocks; to be run on a thread of its own.
[[nodiscard]] TransferReport transfer(const TransferOrder& order, const DownloadTarget& target,
                                      const ByteProgress& progress);

}  // namespace mox::network
