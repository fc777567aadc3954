#pragma once

#include <string>
#include <string_view>

#include "network/transfer.hpp"

namespace mox::network {

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
