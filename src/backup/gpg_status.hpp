#pragma once

#include <string_view>

#include "base/error.hpp"

namespace mox::backup {

/// Whether gpg's status lines (`--status-fd`; GnuPG's doc/DETAILS) say that it decrypted exactly one message,
/// whose integrity protection was right. Its exit status does not say so: gpg also "decrypts" what is only
/// signed, compressed or stored, and messages in front of an encrypted one. Pure. Errors (`medkit`): what the
/// message is instead.
[[nodiscard]] Expected<void> check_decryption(std::string_view status_lines);

}  // namespace mox::backup
