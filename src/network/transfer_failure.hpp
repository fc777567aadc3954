#pragma once

#include <string>
#include <string_view>

#include "network/transfer.hpp"

namespace mox::network {

/// What a failed transfer means. `code` is a CURLcode, `detail` what libcurl says about it (may be empty),
/// `status` the last reply's status (0: none). Pure.
struct FailureMeaning {
    TransferEnd end = TransferEnd::refused;
    std::string sentence;  ///< for people, and what to try
};

[[nodiscard]] FailureMeaning meaning_of_curl_code(int code, std::string_view detail, std::string_view host);
[[nodiscard]] FailureMeaning meaning_of_status(int status, std::string_view host);

}  // namespace mox::network
