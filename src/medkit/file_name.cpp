#include "medkit/file_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <utility>

namespace mox::medkit {

namespace {

constexpr std::array<std::string_view, 8> unfinished_endings{
    ".part", ".crdownload", ".download", ".partial", ".opdownload", ".filepart", ".aria2", ".tmp"};

constexpr std::array<std::string_view, 5> added_endings{".txt", ".text", ".html", ".htm", ".bin"};

constexpr std::array<std::pair<std::string_view, Companion>, 5> companion_endings{{
    {".sig", Companion::signature},
    {".sha256", Companion::sha256},
    {".sha256sum", Companion::sha256},
    {".md5", Companion::md5},
    {".md5sum", Companion::md5},
}};

/// A text after one of these was added to the published name.
constexpr std::array<std::string_view, 9> known_endings{".sig", ".sha256", ".sha256sum", ".md5", ".md5sum",
                                                        ".gz",  ".tgz",    ".tar",       ".lzma"};

/// Words for a copy, in English and in Czech and German (the same word in both).
constexpr std::array<std::string_view, 3> copy_words{"another copy", "copy", "kopie"};

/// U+2013, as Windows writes it in some languages: "NAME \u2013 kopie".
constexpr std::string_view en_dash = "\xe2\x80\x93";

constexpr bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool take_end(std::string_view& text, std::string_view end) {
    if (!text.ends_with(end)) return false;
    text.remove_suffix(end.size());
    return true;
}

bool take_begin(std::string_view& text, std::string_view begin) {
    if (!text.starts_with(begin)) return false;
    text.remove_prefix(begin.size());
    return true;
}

void take_blanks(std::string_view& text) {
    while (take_end(text, " ")) {
    }
}

/// Removes one to `most` digits from the end.
std::string_view take_number(std::string_view& text, std::size_t most) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[text.size() - 1 - length])) ++length;
    if (length == 0 || length > most) return {};
    const auto number = text.substr(text.size() - length);
    text.remove_suffix(length);
    return number;
}

bool take_copy_word(std::string_view& text) {
    return std::ranges::any_of(copy_words, [&](auto word) { return take_end(text, word); });
}

/// Whether all of `words` is "copy", "copy 2", "3rd copy" or a number; returns the mark.
std::optional<std::string> read_mark_words(std::string_view words) {
    auto rest = words;
    const auto number = take_number(rest, 3);
    if (rest.empty() && !number.empty()) return std::string(number);
    take_blanks(rest);
    if (!take_copy_word(rest)) return std::nullopt;
    const bool counted = rest.ends_with("th ") || rest.ends_with("st ") || rest.ends_with("nd ") ||
                         rest.ends_with("rd ");  // GNOME: "3rd copy"
    if (!rest.empty() && !(counted && is_digit(rest.front()))) return std::nullopt;
    return number.empty() ? "copy" : std::string(number);
}

/// A mark as "(...)" or "[...]".
std::optional<std::string> take_bracketed_mark(std::string_view& text) {
    for (const auto& [open, close] : {std::pair{'(', ')'}, std::pair{'[', ']'}}) {
        const auto begin = text.rfind(open);
        if (!text.ends_with(close) || begin == std::string_view::npos) continue;
        const auto mark = read_mark_words(text.substr(begin + 1, text.size() - begin - 2));
        if (!mark) return std::nullopt;
        text.remove_suffix(text.size() - begin);
        take_blanks(text);
        return mark;
    }
    return std::nullopt;
}

/// A mark as " - copy", " copy", " copy 2", and " 2" as macOS numbers copies.
std::optional<std::string> take_word_mark(std::string_view& text) {
    auto rest = text;
    const std::string number(take_number(rest, 1));
    const bool counts = !number.empty() && rest.ends_with(' ');
    if (!number.empty() && !counts) return std::nullopt;
    take_blanks(rest);
    if (!take_copy_word(rest)) {
        if (!counts || number < "2") return std::nullopt;
        text = rest;
        return number;
    }
    if (!rest.ends_with(' ')) return std::nullopt;
    take_blanks(rest);
    if (take_end(rest, "-") || take_end(rest, en_dash)) take_blanks(rest);
    text = rest;
    return number.empty() ? "copy" : number;
}

/// A mark that is allowed at any position.
std::optional<std::string> take_mark(std::string_view& text) {
    if (auto mark = take_bracketed_mark(text)) return mark;
    return take_word_mark(text);
}

/// A mark after an ending: also "-1" and ".1", which have another meaning in a stem.
std::optional<std::string> take_mark_after_ending(std::string_view& text) {
    if (auto mark = take_mark(text)) return mark;
    auto rest = text;
    const auto number = take_number(rest, 2);
    if (number.empty() || !(take_end(rest, "-") || take_end(rest, ".") || take_end(rest, "_")))
        return std::nullopt;
    text = rest;
    return std::string(number);
}

bool take_added_ending(std::string_view& text) {
    return std::ranges::any_of(added_endings, [&](auto ending) { return take_end(text, ending); });
}

bool has_known_ending(std::string_view text) {
    return std::ranges::any_of(known_endings, [&](auto ending) { return text.ends_with(ending); });
}

/// Parses a name from its end.
class Reader {
public:
    explicit Reader(std::string_view small) : rest_(small) {}

    FileName read() {
        trim();
        begin();
        take_unfinished_ending();
        take_additions();
        take_companion();
        take_additions();
        take_ending();
        take_stem();
        return std::move(name_);
    }

private:
    void trim() {
        const auto whole = rest_;
        while (take_end(rest_, " ") || take_end(rest_, ".")) {
        }
        while (take_begin(rest_, " ")) {
        }
        name_.altered = rest_.size() != whole.size();
    }

    void begin() {
        if (take_begin(rest_, "._") || take_begin(rest_, ".")) name_.state = NameState::hidden;
        if (take_begin(rest_, "copy of ") || take_begin(rest_, "kopie - ")) note("copy");
    }

    void take_unfinished_ending() {
        while (std::ranges::any_of(unfinished_endings, [&](auto ending) { return take_end(rest_, ending); }))
            if (name_.state == NameState::usable) name_.state = NameState::unfinished;
    }

    /// Removes marks and endings that were added after a known ending.
    void take_additions() {
        std::string mark;
        for (auto shorter = rest_;;) {
            const auto taken = take_mark_after_ending(shorter);
            if (!taken && !take_added_ending(shorter)) return;
            if (taken) mark = *taken;
            if (!has_known_ending(shorter)) continue;
            rest_ = shorter;
            note(mark);
        }
    }

    void take_companion() {
        for (const auto& [ending, companion] : companion_endings) {
            if (!take_end(rest_, ending)) continue;
            name_.companion = companion;
            name_.altered = name_.altered || ending.ends_with("sum");
            return;
        }
    }

    void take_ending() {
        if (take_end(rest_, ".lzma")) {
            take_marks_before(".fit");
            if (take_end(rest_, ".fit")) name_.ending = Ending::rescue_image;
        } else if (take_end(rest_, ".tgz")) {
            note();
            name_.ending = Ending::archive;
        } else if (take_end(rest_, ".gz")) {
            name_.ending = Ending::archive;
            while (take_end(rest_, ".gz")) note();
            take_marks_before(".tar");
            if (!take_end(rest_, ".tar")) note();
        } else if (take_end(rest_, ".tar")) {
            name_.ending = Ending::unpacked;
        }
    }

    void take_marks_before(std::string_view ending) {
        auto shorter = rest_;
        while (const auto mark = take_mark_after_ending(shorter)) {
            if (!shorter.ends_with(ending)) continue;
            rest_ = shorter;
            note(*mark);
        }
    }

    /// Also removes marks before "-extra" and "-rescue", which were appended to a name with a mark.
    void take_stem() {
        take_stem_marks();
        std::string_view part;
        for (const std::string_view each : {"-extra", "-rescue"})
            if (part.empty() && take_end(rest_, each)) part = each;
        if (!part.empty()) take_stem_marks();
        name_.stem = std::string(rest_) + std::string(part);
    }

    void take_stem_marks() {
        while (const auto mark = take_mark(rest_)) note(*mark);
    }

    void note(std::string_view mark = {}) {
        name_.altered = true;
        const bool is_replaceable = name_.mark.empty() || name_.mark == "copy";
        if (is_replaceable && !mark.empty()) name_.mark = mark;
    }

    std::string_view rest_;
    FileName name_;
};

}  // namespace

std::string lower_case(std::string_view text) {
    // Not std::tolower: the result must not depend on the locale.
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return result;
}

FileName read_file_name(std::string_view name) {
    const auto small = lower_case(name);
    return Reader(small).read();
}

}  // namespace mox::medkit
