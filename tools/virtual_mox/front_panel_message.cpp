#include "virtual_mox/front_panel_message.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace mox::virtual_mox {

namespace {

using What = decltype(PanelMessage::what);

constexpr std::string_view error_word = "error ";

std::optional<bool> switch_in(std::string_view text, std::string_view word) {
    if (text.size() != word.size() + 2 || !text.starts_with(word) || text[word.size()] != ' ')
        return std::nullopt;
    if (text.back() != '0' && text.back() != '1') return std::nullopt;
    return text.back() == '1';
}

std::optional<What> parse_what(std::string_view text) {
    if (const auto lit = switch_in(text, "led")) return PanelLed{*lit};
    if (const auto down = switch_in(text, "button")) return PanelButton{*down};
    if (text == "reset") return PanelReset{};
    if (text == "time") return PanelTime{};
    if (text == "lost") return PanelGap{};
    if (text.starts_with(error_word)) return PanelRefusal{std::string(text.substr(error_word.size()))};
    return std::nullopt;
}

}  // namespace

Expected<PanelMessage> parse_panel(std::string_view line) {
    VirtualTime::rep nanoseconds = 0;
    const auto* const end = line.data() + line.size();
    const auto [stopped, failed] = std::from_chars(line.data(), end, nanoseconds);
    if (failed == std::errc() && nanoseconds >= 0 && stopped != end && *stopped == ' ') {
        if (auto what = parse_what({stopped + 1, end}))
            return PanelMessage{VirtualTime(nanoseconds), std::move(*what)};
    }
    return fail(ErrorKind::internal, "not a line of a front panel: " + std::string(line.substr(0, 200)));
}

std::string press_command(bool down) {
    return down ? "button 1" : "button 0";
}

std::string tell_time_command() {
    return "time";
}

std::string forget_command() {
    return "forget";
}

std::string at_command(VirtualTime when, std::string_view command) {
    return "at " + std::to_string(when.count()) + " " + std::string(command);
}

}  // namespace mox::virtual_mox
