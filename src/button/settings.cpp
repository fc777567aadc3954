#include "button/settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"

namespace mox::button {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view blanks = " \t\r";

/// "4", "4.5", "0.125": seconds, to the millisecond. Without floating point, because the library's parser is
/// bigger than this program.
std::optional<Clock::duration> seconds_in(std::string_view text) {
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = whole_number<std::uint32_t>(text.substr(0, point));
    if (!whole) return std::nullopt;
    if (point == text.size()) return std::chrono::seconds(*whole);
    std::string fraction(text.substr(point + 1));
    if (fraction.empty() || fraction.size() > 3) return std::nullopt;
    fraction.resize(3, '0');
    const auto thousandths = whole_number<std::uint32_t>(fraction);
    if (!thousandths) return std::nullopt;
    return std::chrono::seconds(*whole) + std::chrono::milliseconds(*thousandths);
}

std::optional<bool> truth_in(std::string_view text) {
    // The words of OpenWrt's config_get_bool.
    for (const auto* word : {"1", "on", "true", "yes", "enabled"})
        if (text == word) return true;
    for (const auto* word : {"0", "off", "false", "no", "disabled"})
        if (text == word) return false;
    return std::nullopt;
}

/// Words between blanks; text in double quotes is one word. nullopt: a quote is not closed, or there is no
/// word.
std::optional<std::vector<std::string>> command_in(std::string_view text) {
    std::vector<std::string> words;
    bool in_word = false;
    bool in_quotes = false;
    for (const char c : text) {
        if (!in_quotes && blanks.contains(c)) {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true)) words.emplace_back();
        if (c == '"')
            in_quotes = !in_quotes;
        else
            words.back() += c;
    }
    if (in_quotes || words.empty() || words.front().empty()) return std::nullopt;
    return words;
}

template <typename Value>
std::string take(std::optional<Value> given, Value& into, const char* expected) {
    if (!given) return expected;
    into = std::move(*given);
    return {};
}

std::string take_seconds(std::string_view value, Clock::duration& into, Clock::duration least,
                         Clock::duration most, const char* expected) {
    const auto given = seconds_in(value);
    if (!given || *given < least || *given > most) return expected;
    into = *given;
    return {};
}

/// Returns the warning about the setting; empty: none.
std::string take_setting(std::string_view name, std::string_view value, Settings& settings) {
    auto& thresholds = settings.thresholds;
    if (name == "long_press_after")
        return take_seconds(value, thresholds.long_press, 1s, 60s, "not between 1 and 60 seconds");
    if (name == "stuck_after")
        return take_seconds(value, thresholds.stuck, 2s, 600s, "not between 2 and 600 seconds");
    if (name == "reboot_command")
        return take(command_in(value), settings.reboot_command, "not a program and its arguments");
    if (name == "handled_by_hand")
        return take(truth_in(value), settings.handled_by_hand, "neither true nor false");
    if (name == "long_press") {
        std::optional<LongPress> meaning;
        if (value == "reset") meaning = LongPress::reset;
        if (value == "factory-reset") meaning = LongPress::factory_reset;
        return take(meaning, settings.long_press, "neither reset nor factory-reset");
    }
    return "there is no such setting";
}

std::string take_line_of_settings(std::string_view line, Settings& settings) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return "not NAME = VALUE";
    const auto name = trimmed(line.substr(0, equals));
    const auto value = trimmed(line.substr(equals + 1));
    auto wrong = take_setting(name, value, settings);
    return wrong.empty() ? wrong : std::string(name) + " = " + std::string(value) + ": " + wrong;
}

/// nullopt: there is no such file, or it cannot be read; the latter adds a warning.
std::optional<std::string> text_of(const std::filesystem::path& file, std::vector<std::string>& warnings) {
    std::error_code error;
    if (!std::filesystem::exists(file, error) && !error) return std::nullopt;
    auto text = read_small_file(file, ErrorKind::internal);
    if (text) return std::move(*text);
    warnings.push_back(text.error().describe());
    return std::nullopt;
}

}  // namespace

ReadSettings read_settings(std::string_view text) {
    ReadSettings read;
    for (int number = 1; !text.empty(); ++number) {
        const auto line = trimmed(take_line(text));
        if (line.empty() || line.front() == '#') continue;
        const auto wrong = take_line_of_settings(line, read.settings);
        if (!wrong.empty()) read.warnings.push_back("line " + std::to_string(number) + ": " + wrong);
    }
    auto& thresholds = read.settings.thresholds;
    if (thresholds.stuck <= thresholds.long_press) {
        read.warnings.emplace_back("stuck_after must be more than long_press_after: taking 4 and 20 seconds");
        thresholds = {};
    }
    return read;
}

bool handled_by_hand(const config::UciFile& system) {
    // @system[0]: the first section of that type, whether it has a name or not.
    const auto first = std::ranges::find(system.sections, "system", &config::UciSection::type);
    if (first == system.sections.end()) return false;
    const auto value = first->option("handle_mox_button_manually");
    return value && truth_in(*value).value_or(false);
}

ReadSettings load_settings(const std::filesystem::path& root) {
    const auto file = root / "etc/mox-button.conf";
    std::vector<std::string> warnings;
    auto read = read_settings(text_of(file, warnings).value_or(""));
    for (const auto& line : read.warnings) warnings.push_back(file.native() + ": " + line);
    if (const auto uci = text_of(root / "etc/config/system", warnings))
        if (handled_by_hand(config::parse_uci(*uci))) read.settings.handled_by_hand = true;
    read.warnings = std::move(warnings);
    return read;
}

}  // namespace mox::button
