#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

// The text around keys and signatures of usign and signify:
//   untrusted comment: <anything>
//   <base64>
// Nothing vouches for the comment.

/// The bytes of a file's second line. `what` names what they should be: "signature", "public key".
/// CRLF and a missing line break at the end are accepted. Errors (`medkit`): no such text, not base64, not
/// `size` bytes, not Ed25519 (the first two bytes are not "Ed").
[[nodiscard]] Expected<std::vector<std::uint8_t>> read_signify_text(std::string_view text,
                                                                    std::string_view what, std::size_t size);

/// Precondition: `comment` has no line break.
[[nodiscard]] std::string to_signify_text(std::span<const std::uint8_t> bytes, std::string_view comment);

}  // namespace mox::medkit
