#pragma once

#include <string>
#include <string_view>

namespace mox {

/// The path of an open file, or of an entry of an open directory, for calls that take no descriptor. The
/// kernel resolves it by the descriptor, also when the file was renamed. Not for messages.
[[nodiscard]] std::string descriptor_path(int fd);
[[nodiscard]] std::string descriptor_path(int directory, std::string_view entry);

}  // namespace mox
