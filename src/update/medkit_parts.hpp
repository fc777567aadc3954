#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "network/url.hpp"

namespace mox::update {

// The files of a medkit on a server, and how a page of a captive portal is told from them.

/// A signature has about 150 bytes, a checksum with its name fewer.
inline constexpr Bytes largest_companion{16 << 10};

/// RFC 1952, 2.3.1.
inline constexpr std::string_view gzip_beginning = "\x1f\x8b";

/// The first bytes of every companion with this ending (".sig"); empty: any.
[[nodiscard]] std::string beginning_of_companion(std::string_view ending);

/// The last part of the URL. Errors (`network`): it does not name a file.
[[nodiscard]] Expected<std::string> file_name(const network::Url& url);

/// Checks the form of a companion, before the long download of the medkit. `name`: its own name, which ends
/// with `ending` (".sig", ".sha256", ".md5"). Pure. Errors (`medkit`), with the name.
[[nodiscard]] Expected<void> check_companion(std::string_view text, const std::string& name,
                                             std::string_view ending);

}  // namespace mox::update
