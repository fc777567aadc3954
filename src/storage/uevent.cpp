#include "storage/uevent.hpp"

namespace mox::storage {

namespace {

/// Takes the text up to the next NUL byte off the front.
std::string_view next_field(std::string_view& rest) {
    const auto end = rest.find('\0');
    const auto field = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return field;
}

void apply(Uevent& event, std::string_view key, std::string_view value) {
    if (key == "ACTION") event.action = value;
    if (key == "SUBSYSTEM") event.subsystem = value;
    if (key == "DEVTYPE") event.type = value;
    if (key == "DEVNAME") event.name = value;
    if (key == "DISK_MEDIA_CHANGE") event.media_change = value == "1";
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

bool brings_a_disk(const Uevent& event) {
    if (event.subsystem != "block" || event.type != "disk") return false;
    return event.action == "add" || (event.action == "change" && event.media_change);
}

}  // namespace mox::storage
