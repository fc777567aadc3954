#include "base/uevent.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace mox {

namespace {

/// Takes the text up to the next NUL byte off the front.
std::string_view next_field(std::string_view& rest) {
    const auto end = rest.find('\0');
    const auto field = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return field;
}

/// A longer time is cut to a year: nothing depends on it, and no later addition can overflow.
std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
    constexpr std::uint64_t longest = 365ULL * 24 * 60 * 60;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) number = longest;
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(std::min(number, longest)));
}

void apply(Uevent& event, std::string_view key, std::string_view value) {
    if (key == "ACTION") event.action = value;
    if (key == "SUBSYSTEM") event.subsystem = value;
    if (key == "DEVTYPE") event.type = value;
    if (key == "DEVNAME") event.name = value;
    if (key == "DISK_MEDIA_CHANGE") event.media_change = value == "1";
    if (key == "BUTTON") event.button = value;
    if (key == "SEEN") event.seen = parse_seconds(value);
}

}  // namespace

std::optional<Uevent> parse_uevent(std::string_view message) {
    if (next_field(message).find('@') == std::string_view::npos) return std::nullopt;
    Uevent event;
    while (!message.empty()) {
        const auto field = next_field(message);
        const auto equals = field.find('=');
        if (equals != std::string_view::npos) apply(event, field.substr(0, equals), field.substr(equals + 1));
    }
    if (event.action.empty() || event.subsystem.empty()) return std::nullopt;
    return event;
}

}  // namespace mox
