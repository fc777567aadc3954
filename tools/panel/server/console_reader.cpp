#include "panel/server/console_reader.hpp"

#include <charconv>
#include <utility>

namespace mox::virtual_mox::panel {

namespace {

/// Longer lines have no meaning here.
constexpr std::size_t longest_line = 4096;

/// Removes a number from the front of `text`, and returns it.
std::optional<int> take_number(std::string_view& text) {
    int value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take_text(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

void skip_blanks(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
}

/// "  [#######.............]  36%  78.1 MB of 215.3 MB", from the bar on.
bool read_bar(std::string_view text, ProgressSeen& seen) {
    const auto end = text.find("] ");
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 2);
    skip_blanks(text);
    const auto percent = take_number(text);
    if (!percent || !take_text(text, "%")) return false;
    seen.fraction = *percent / 100.0;
    skip_blanks(text);
    seen.detail = text;
    return true;
}

/// The number behind `words`; nullopt: the line does not contain them.
std::optional<int> number_behind(std::string_view line, std::string_view words) {
    const auto found = line.find(words);
    if (found == std::string_view::npos) return std::nullopt;
    line.remove_prefix(found + words.size());
    return take_number(line);
}

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != std::string_view::npos;
}

std::optional<ConsoleEvent> news_in(std::string_view line) {
    if (auto progress = progress_in(line)) return *std::move(progress);
    if (const auto mode = number_behind(line, "] executing mode ")) return ModeStarts{*mode};
    if (const auto code = number_behind(line, "The LED shows error ")) return ErrorShown{*code};
    if (contains(line, "a drive was plugged in: trying again")) return TriesAgain{};
    if (contains(line, "RESET button was pressed")) return RescueChosen{};
    return std::nullopt;
}

}  // namespace

std::optional<ProgressSeen> progress_in(std::string_view line) {
    ProgressSeen seen;
    if (!take_text(line, "[")) return std::nullopt;
    const auto number = take_number(line);
    if (!number || !take_text(line, "/")) return std::nullopt;
    const auto count = take_number(line);
    if (!count || !take_text(line, "] ")) return std::nullopt;
    seen.number = *number;
    seen.count = *count;
    constexpr std::string_view unmeasured = " ...";
    constexpr std::string_view done = ": done, ";
    if (line.ends_with(unmeasured)) {
        seen.step = line.substr(0, line.size() - unmeasured.size());
        return seen;
    }
    if (const auto end = line.find(done); end != std::string_view::npos) {
        seen.step = line.substr(0, end);
        seen.detail = line.substr(end + done.size());
        seen.fraction = 1;
        return seen;
    }
    const auto bar = line.find("  [");
    if (bar == std::string_view::npos || !read_bar(line.substr(bar), seen)) return std::nullopt;
    seen.step = line.substr(0, bar);
    return seen;
}

std::vector<ConsoleEvent> ConsoleReader::read(std::string_view bytes) {
    for (const char c : bytes) take(c);
    // A prompt is at the end of its line, without a line break.
    if (line_.ends_with(" login: ") && !std::exchange(prompt_is_reported_, true))
        news_.emplace_back(LoginPrompt{});
    return std::exchange(news_, {});
}

void ConsoleReader::take(char c) {
    constexpr char escape = '\x1b';
    switch (within_) {
        case Within::text:
            if (c == escape)
                within_ = Within::escape;
            else
                take_visible(c);
            return;
        case Within::escape:
            within_ = c == '[' ? Within::sequence : Within::text;
            sequence_.clear();
            return;
        case Within::sequence:
            if (c >= '@' && c <= '~')
                end_sequence(c);
            else if (sequence_.size() < longest_line)
                sequence_ += c;
            return;
    }
}

void ConsoleReader::take_visible(char c) {
    if (c == '\n') {
        line_is_whole();
    } else if (c == '\r') {
        returned_ = true;
    } else if (static_cast<unsigned char>(c) >= ' ' || c == '\t') {
        if (std::exchange(returned_, false)) line_.clear();
        if (line_.size() < longest_line) line_ += c;
    }
}

/// A progress bar has no end of line: it is complete when the terminal may wrap lines again.
void ConsoleReader::end_sequence(char last) {
    within_ = Within::text;
    if (last == 'K' && sequence_ == "2") line_.clear();
    if (last == 'h' && sequence_ == "?7") look_for_progress();
}

void ConsoleReader::look_for_progress() {
    if (auto progress = progress_in(line_)) news_.emplace_back(*std::move(progress));
}

void ConsoleReader::line_is_whole() {
    if (auto news = news_in(line_)) news_.push_back(*std::move(news));
    line_.clear();
    returned_ = false;
    prompt_is_reported_ = false;
}

}  // namespace mox::virtual_mox::panel
