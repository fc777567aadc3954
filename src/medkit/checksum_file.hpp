#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "medkit/digest.hpp"

namespace mox::medkit {

// Checksum files beside a medkit. Only the hexadecimal token counts. These forms are accepted:
//   coreutils  "<hex>  <name>", "<hex> *<name>", "\<hex>  <escaped name>", "<hex>" alone,
//   BSD        "SHA256 (<name>) = <hex>", openssl "SHA256(<name>)= <hex>",
// also with upper case, CRLF, a byte order mark, blank lines, and lines without a checksum between them.
// A single checksum is used with any name, because users rename files. Of several, the one for the name
// `archive` is used, or for the name that `archive` had before a browser changed it (file_name.hpp); it is an
// error if there is none.
//
// Pure. Errors (`medkit`): what is wrong with the file, without its name, which the caller adds.

[[nodiscard]] Expected<Sha256Digest> read_sha256_file(std::string_view text, std::string_view archive);
[[nodiscard]] Expected<Md5Digest> read_md5_file(std::string_view text, std::string_view archive);

/// "<hex>  <name>\n", the format that sha256sum and md5sum write, and read with -c.
[[nodiscard]] std::string checksum_line(std::string_view hex, std::string_view name);

}  // namespace mox::medkit
