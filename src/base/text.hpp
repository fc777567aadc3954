#pragma once

#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace mox {

/// `text` without the characters of `blanks` at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r");

/// Removes the text before `separator`, and the separator, from `text`, and returns it. Without a separator:
/// all of `text`.
std::string_view take_until(std::string_view& text, char separator);

/// Removes the first line from `text`, and returns it without its end (LF or CRLF). The last line needs no
/// end.
std::string_view take_line(std::string_view& text);

/// `text` as a decimal number; nullopt: it is something else, has something around the number, or does not
/// fit into `Number`. Only a signed type accepts "-".
template <typename Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "a, b, c" for `between` ", ". `to_text` makes the text of one element.
template <typename Elements, typename ToText = std::identity>
[[nodiscard]] std::string joined(const Elements& elements, std::string_view between, ToText to_text = {}) {
    std::string text;
    bool first = true;
    for (const auto& element : elements) {
        if (!first) text += between;
        text += to_text(element);
        first = false;
    }
    return text;
}

}  // namespace mox
