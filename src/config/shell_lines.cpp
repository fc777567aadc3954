#include "config/shell_lines.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/text.hpp"

namespace mox::config {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_key(std::string_view text) {
    if (text.empty() || !is_letter(text.front())) return false;
    return std::ranges::all_of(text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string_view without_blanks_before(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

/// Reads one word of a shell, and whether a shell would expand it.
class Word {
public:
    explicit Word(std::string_view line) : rest_(line) { read(); }

    [[nodiscard]] const std::string& value() const { return value_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] bool expands() const { return expands_; }

private:
    void read() {
        while (!rest_.empty() && !is_blank(rest_.front()) && rest_.front() != ';' && rest_.front() != '&') {
            const char c = take();
            if (c == '\'')
                read_single_quoted();
            else if (c == '"')
                read_double_quoted();
            else if (c == '\\')
                read_escaped();
            else
                keep(c);
        }
    }

    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    void keep(char c) {
        if (c == '$' || c == '`') expands_ = true;
        value_ += c;
    }

    void read_escaped() {
        if (rest_.empty())
            open_ = true;
        else
            value_ += take();
    }

    void read_single_quoted() {
        const auto end = rest_.find('\'');
        open_ = open_ || end == std::string_view::npos;
        value_ += rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    }

    void read_double_quoted() {
        constexpr std::string_view escapable = "\"\\$`";
        while (!rest_.empty()) {
            const char c = take();
            if (c == '"') return;
            if (c == '\\' && !rest_.empty() && escapable.find(rest_.front()) != std::string_view::npos)
                value_ += take();
            else
                keep(c);
        }
        open_ = true;
    }

    std::string_view rest_;
    std::string value_;
    bool open_ = false;
    bool expands_ = false;
};

/// The warning about a line; nullopt: none.
std::optional<std::string_view> warning_about(const Word& word) {
    if (word.is_open()) return "a quote is not closed";
    if (word.expands()) return "a value that a shell would expand is taken as it stands";
    const auto after = without_blanks_before(word.rest());
    if (!after.empty() && after.front() != '#') return "what follows the value is ignored";
    return std::nullopt;
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) lines.push_back(take_line(text));
    return lines;
}

ShellLines parse_shell_lines(std::string_view text) {
    ShellLines result;
    std::size_t number = 0;
    const auto add_warning = [&](std::string_view what) {
        result.warnings.push_back("line " + std::to_string(number) + ": " + std::string(what));
    };
    for (const auto line : lines_of(text)) {
        ++number;
        const auto content = without_blanks_before(line);
        if (content.empty() || content.front() == '#') continue;
        const auto equals = content.find('=');
        if (equals == std::string_view::npos || !is_key(content.substr(0, equals))) {
            add_warning("not understood, and ignored");
            continue;
        }
        const Word word(content.substr(equals + 1));
        if (const auto warning = warning_about(word)) add_warning(*warning);
        result.assignments.push_back({std::string(content.substr(0, equals)), word.value()});
    }
    return result;
}

std::string single_quoted(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'')
            text += R"('\'')";
        else
            text += c;
    }
    return text + "'";
}

}  // namespace mox::config
