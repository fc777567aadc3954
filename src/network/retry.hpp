#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "network/transfer.hpp"

namespace mox::network {

/// How stubborn a download is.
struct RetryRules {
    int tries = 3;  ///< in a row that got nowhere; routers in the field have always made three
    std::chrono::milliseconds first_pause{2000};
    std::chrono::milliseconds longest_pause{30000};
    /// A try that brought as much got somewhere: a large file on a bad line is not given up while it grows.
    Bytes worth_while{64 << 10};
};

/// Decides when to try again, each pause twice as long as the one before. Pure.
class Retries {
public:
    explicit Retries(const RetryRules& rules) : rules_(rules) {}

    /// How long to wait after a try that failed but has brought `gained`; nothing: give up.
    [[nodiscard]] std::optional<std::chrono::milliseconds> after_failure(Bytes gained);

private:
    RetryRules rules_;
    int failures_in_a_row_ = 0;
};

/// What to do about a network that answers everything with a page of its own.
inline constexpr std::string_view captive_portal_hint =
    "Does the network ask for a login first (a captive portal)? Log in with a computer there, or use another "
    "network";

/// What a failed transfer means. `code` is a CURLcode, `detail` what libcurl says about it (may be empty),
/// `status` the last reply's status (0: none). Pure.
struct FailureMeaning {
    TransferEnd end = TransferEnd::refused;
    std::string sentence;  ///< for people, and what to try
};

[[nodiscard]] FailureMeaning meaning_of_curl_code(int code, std::string_view detail, std::string_view host);
[[nodiscard]] FailureMeaning meaning_of_status(int status, std::string_view host);

}  // namespace mox::network
