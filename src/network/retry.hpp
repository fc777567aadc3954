#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "network/transfer.hpp"

namespace mox::network {

/// When a download tries again.
struct RetryRules {
    int tries = 3;  ///< tries in a row without progress; rescue systems in the field make three
    std::chrono::milliseconds first_pause{2000};
    std::chrono::milliseconds longest_pause{30000};
    /// A try with so many new bytes made progress: a large file on a bad line is not given up while it grows.
    Bytes worth_while{64 << 10};
};

/// Decides when to try again, each pause twice as long as the one before. Pure.
class Retries {
public:
    explicit Retries(const RetryRules& rules) : rules_(rules) {}

    /// How long to wait after a failed try that has brought `gained` new bytes; nullopt: give up.
    [[nodiscard]] std::optional<std::chrono::milliseconds> after_failure(Bytes gained);

private:
    RetryRules rules_;
    int failures_in_a_row_ = 0;
};

/// The hint for a network that answers each request with its own page.
inline constexpr std::string_view captive_portal_hint =
    "if the network asks for a login first (a captive portal), log in with a computer there, or use another "
    "network";

/// The meaning of a failed transfer. `code` is a CURLcode, `detail` libcurl's message (may be empty),
/// `status` the last reply's status (0: none). Pure.
struct FailureMeaning {
    TransferEnd end = TransferEnd::refused;
    std::string message;
    Hint hint{};
};

[[nodiscard]] FailureMeaning meaning_of_curl_code(int code, std::string_view detail, std::string_view host);
[[nodiscard]] FailureMeaning meaning_of_status(int status, std::string_view host);

}  // namespace mox::network
