#include "config/uci_file.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "config/shell_lines.hpp"

namespace mox::config {

namespace {

/// The words of one line, and whether its quotes were closed.
class Words {
public:
    explicit Words(std::string_view line) : rest_(line) {
        while (skip_blanks()) words_.push_back(next_word());
    }

    [[nodiscard]] const std::vector<std::string>& all() const { return words_; }
    [[nodiscard]] bool is_open() const { return open_; }

private:
    /// False at the end of the line, or before a comment.
    bool skip_blanks() {
        const auto start = rest_.find_first_not_of(" \t");
        if (start == std::string_view::npos) return false;
        rest_.remove_prefix(start);
        return rest_.front() != '#';
    }

    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    std::string next_word() {
        std::string word;
        while (!rest_.empty() && rest_.front() != ' ' && rest_.front() != '\t') {
            const char c = take();
            if (c == '\'' || c == '"')
                take_quoted(c, word);
            else
                take_character(c, word);
        }
        return word;
    }

    void take_quoted(char quote, std::string& word) {
        while (!rest_.empty()) {
            const char c = take();
            if (c == quote) return;
            if (quote == '\'')
                word += c;
            else
                take_character(c, word);
        }
        open_ = true;
    }

    void take_character(char c, std::string& word) {
        if (c != '\\')
            word += c;
        else if (rest_.empty())
            open_ = true;
        else
            word += take();
    }

    std::string_view rest_;
    std::vector<std::string> words_;
    bool open_ = false;
};

/// Collects lines in sections.
class Reader {
public:
    /// Returns the warning about the line; empty: none.
    std::string_view take(const Words& line) {
        const auto& words = line.all();
        if (line.is_open()) return "a quote is not closed";
        if (words.empty() || words[0] == "package") return {};
        if (words[0] == "config" && (words.size() == 2 || words.size() == 3)) return take_section(words);
        if ((words[0] == "option" || words[0] == "list") && words.size() == 3) return take_value(words);
        return "not understood";
    }

    UciFile file;

private:
    std::string_view take_section(const std::vector<std::string>& words) {
        const std::string name = words.size() == 3 ? words[2] : "";
        const auto known = std::ranges::find_if(
            file.sections, [&](const UciSection& section) { return !name.empty() && section.name == name; });
        current_ = static_cast<std::size_t>(known - file.sections.begin());
        if (known == file.sections.end())
            file.sections.push_back({.type = words[1], .name = name, .options = {}, .lists = {}});
        return {};
    }

    std::string_view take_value(const std::vector<std::string>& words) {
        if (current_ >= file.sections.size()) return "a value before the first section";
        auto& section = file.sections[current_];
        if (words[0] == "option")
            section.options[words[1]] = words[2];
        else
            section.lists[words[1]].push_back(words[2]);
        return {};
    }

    std::size_t current_ = 0;
};

}  // namespace

std::optional<std::string> UciSection::option(std::string_view key) const {
    const auto found = options.find(key);
    if (found == options.end()) return std::nullopt;
    return found->second;
}

const UciSection* UciFile::section(std::string_view name) const {
    const auto named = std::ranges::find(sections, name, &UciSection::name);
    if (named != sections.end()) return &*named;
    const auto typed = std::ranges::find_if(
        sections, [&](const UciSection& one) { return one.name.empty() && one.type == name; });
    return typed == sections.end() ? nullptr : &*typed;
}

UciFile parse_uci(std::string_view text) {
    Reader reader;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
        ++number;
        const auto warning = reader.take(Words(line));
        if (!warning.empty())
            reader.file.warnings.push_back("line " + std::to_string(number) + ": " + std::string(warning));
    }
    return std::move(reader.file);
}

}  // namespace mox::config
