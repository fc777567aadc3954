#pragma once

#include <string>
#include <string_view>

namespace mox::medkit {

/// Appends what the user can do, a sentence, to a message that may already end with a full stop.
[[nodiscard]] inline std::string with_hint(std::string message, std::string_view hint) {
    const bool ended = message.ends_with('.') || message.ends_with('?') || message.ends_with('!');
    message += ended ? " " : ". ";
    message += hint;
    return message;
}

}  // namespace mox::medkit
