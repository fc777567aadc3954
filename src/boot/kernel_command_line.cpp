#include "boot/kernel_command_line.hpp"

#include <algorithm>
#include <utility>

namespace mox::boot {

namespace {

/// As the kernel's isspace(), but without the no-break space of Latin-1 (0xa0), which would split UTF-8
/// words.
constexpr std::string_view white_space = " \t\n\v\f\r";

/// Removes the next word from the front of `text`, which does not start with white space, and returns it.
std::string_view take_word(std::string_view& text) {
    bool in_quotes = false;
    std::size_t length = 0;
    while (length < text.size() && (in_quotes || !white_space.contains(text[length]))) {
        if (text[length] == '"') in_quotes = !in_quotes;
        ++length;
    }
    const auto word = text.substr(0, length);
    text.remove_prefix(length);
    return word;
}

std::string_view without_closing_quote(std::string_view text) {
    if (text.ends_with('"')) text.remove_suffix(1);
    return text;
}

KernelParameter parameter_in(std::string_view word) {
    const bool whole_word_quoted = word.starts_with('"');
    if (whole_word_quoted) word = without_closing_quote(word.substr(1));

    const auto equals = word.find('=');
    // As for the kernel, a word that starts with "=" is a name.
    if (equals == std::string_view::npos || equals == 0) return {std::string(word), std::nullopt};
    auto value = word.substr(equals + 1);
    if (value.starts_with('"')) {
        value.remove_prefix(1);
        if (!whole_word_quoted) value = without_closing_quote(value);
    }
    return {std::string(word.substr(0, equals)), std::string(value)};
}

bool same_name(std::string_view left, std::string_view right) {
    constexpr auto folded = [](char c) { return c == '-' ? '_' : c; };
    return std::ranges::equal(left, right, {}, folded, folded);
}

}  // namespace

KernelCommandLine::KernelCommandLine(std::string_view text) {
    text = text.substr(0, text.find('\0'));
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
        if (text.empty()) return;
        auto parameter = parameter_in(take_word(text));
        if (parameter.name == "--" && !parameter.value) return;
        parameters_.push_back(std::move(parameter));
    }
}

const KernelParameter* KernelCommandLine::find(std::string_view name) const {
    const auto found = std::find_if(parameters_.rbegin(), parameters_.rend(),
                                    [&](const auto& parameter) { return same_name(parameter.name, name); });
    return found == parameters_.rend() ? nullptr : &*found;
}

std::optional<std::string> KernelCommandLine::value(std::string_view name) const {
    const auto* parameter = find(name);
    return parameter == nullptr ? std::nullopt : parameter->value;
}

}  // namespace mox::boot
