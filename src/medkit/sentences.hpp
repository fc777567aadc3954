#pragma once

#include <string>
#include <string_view>

namespace mox::medkit {

/// Adds a sentence to a message that may or may not end like one.
[[nodiscard]] inline std::string with_sentence(std::string message, std::string_view sentence) {
    const bool ended = message.ends_with('.') || message.ends_with('?') || message.ends_with('!');
    message += ended ? " " : ". ";
    message += sentence;
    return message;
}

}  // namespace mox::medkit
