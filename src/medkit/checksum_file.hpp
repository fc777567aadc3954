#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "medkit/digest.hpp"

namespace mox::medkit {

// Checksum files as they lie beside a medkit. Only the hexadecimal token counts; accepted are
//   coreutils  "<hex>  <name>", "<hex> *<name>", "\<hex>  <escaped name>", "<hex>" alone,
//   BSD        "SHA256 (<name>) = <hex>", openssl "SHA256(<name>)= <hex>",
// with upper case, CRLF, a byte order mark, blank lines, and lines without a checksum between them.
// One checksum is taken whatever name it gives: people rename files. Of several, the one whose name is
// `archive`, or was before a browser changed it (file_name.hpp); if none is, it cannot be told which was
// meant, and that is an error.
//
// Pure. Errors (`medkit`): what is wrong with the file, without its name: the caller knows where it lies.

[[nodiscard]] Expected<Sha256Digest> read_sha256_file(std::string_view text, std::string_view archive);
[[nodiscard]] Expected<Md5Digest> read_md5_file(std::string_view text, std::string_view archive);

/// "<hex>  <name>\n", as sha256sum and md5sum write it and read it with -c.
[[nodiscard]] std::string checksum_line(std::string_view hex, std::string_view name);

}  // namespace mox::medkit
