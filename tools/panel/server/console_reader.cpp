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

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != std::string_view::npos;
}

/// The number that follows `words` at the begin of the text.
std::optional<int> number_behind(std::string_view text, std::string_view words) {
    if (!take_text(text, words)) return std::nullopt;
    return take_number(text);
}

/// The text of a line of the rescue system's log: "[    8.012] text". A line of the kernel has more decimals.
std::optional<std::string_view> log_text(std::string_view line) {
    constexpr std::size_t most_decimals = 3;
    if (!take_text(line, "[")) return std::nullopt;
    skip_blanks(line);
    if (!take_number(line) || !take_text(line, ".")) return std::nullopt;
    const auto decimals = line.find_first_not_of("0123456789");
    if (decimals == 0 || decimals > most_decimals) return std::nullopt;
    line.remove_prefix(decimals);
    if (!take_text(line, "] ")) return std::nullopt;
    return line;
}

/// "selecting a mode, mode 1 (standard reboot) is first; the button is still held, which is no press".
std::optional<ConsoleEvent> selection_event_in(std::string_view text) {
    if (const auto first = number_behind(text, "selecting a mode, mode ")) return SelectionStarts{*first};
    if (const auto mode = number_behind(text, "button pressed: mode ")) return NextMode{*mode};
    return std::nullopt;
}

/// "mode 4 (re-flash router) is done; rebooting".
std::optional<ConsoleEvent> end_of_mode_in(std::string_view text) {
    const auto mode = number_behind(text, "mode ");
    if (!mode) return std::nullopt;
    if (text.ends_with(") is done; rebooting")) return ModeEnds{*mode, false};
    if (text.ends_with(") is done; the system stays up")) return ModeEnds{*mode, true};
    return std::nullopt;
}

bool tells_death(std::string_view text) {
    return text.starts_with("the rescue program was killed by signal ") ||
           text.starts_with("the rescue program ended with exit status ");
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
    look_for_prompt();
    return std::exchange(news_, {});
}

/// A prompt is at the end of its line, without a line break.
void ConsoleReader::look_for_prompt() {
    const bool asks_for_login = line_.ends_with(" login: ");
    if (!asks_for_login && line_ != "=> ") return;
    if (std::exchange(prompt_is_reported_, true)) return;
    if (asks_for_login)
        news_.emplace_back(LoginPrompt{});
    else
        news_.emplace_back(BootPrompt{});
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
    if (auto news = event_in(line_)) news_.push_back(*std::move(news));
    line_.clear();
    returned_ = false;
    prompt_is_reported_ = false;
}

std::optional<ConsoleEvent> ConsoleReader::event_in(std::string_view line) {
    if (auto progress = progress_in(line)) return *std::move(progress);
    if (const auto text = log_text(line)) return rescue_event_in(*text);
    if (contains(line, "RESET button was pressed")) return RescueChosen{};
    if (line == "Starting kernel ...") return KernelStarts{};
    if (contains(line, "Kernel panic - not syncing")) return KernelCrashed{};
    return std::nullopt;
}

std::optional<ConsoleEvent> ConsoleReader::rescue_event_in(std::string_view text) {
    const bool follows_error = std::exchange(hint_may_follow_, false);
    if (follows_error && take_text(text, "hint: ")) {
        hint_ = text;
        return std::nullopt;
    }
    if (take_text(text, "error: ")) return error_event_in(text);
    if (auto selection = selection_event_in(text)) return selection;
    if (const auto mode = number_behind(text, "executing mode ")) {
        error_.clear();
        hint_.clear();
        return ModeStarts{*mode};
    }
    if (auto end = end_of_mode_in(text)) return end;
    if (text == "a drive was plugged in: trying again") return TriesAgain{};
    if (text == "button pressed: rebooting") return RebootsByPress{};
    return std::nullopt;
}

/// An error is followed by its advice, and by a line with its code.
std::optional<ConsoleEvent> ConsoleReader::error_event_in(std::string_view text) {
    constexpr std::string_view code_words = "The LED shows error ";
    const auto found = text.find(code_words);
    const bool begins_sentence =
        found == 0 || (found != std::string_view::npos && text.substr(0, found).ends_with(". "));
    if (begins_sentence)
        if (const auto code = number_behind(text.substr(found), code_words))
            return ErrorShown{*code, std::exchange(error_, ""), std::exchange(hint_, "")};
    error_ = text;
    hint_.clear();
    hint_may_follow_ = true;
    if (tells_death(text)) return RescueDied{};
    return std::nullopt;
}

}  // namespace mox::virtual_mox::panel
