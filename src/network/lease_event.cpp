#include "network/lease_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mox::network {

namespace {

/// "mox-lease\0STEP\0NAME=VALUE\0..."
constexpr std::string_view first_word = "mox-lease";

constexpr std::array<std::pair<std::string_view, LeaseStep>, 5> steps{{
    {"deconfig", LeaseStep::deconfig},
    {"bound", LeaseStep::bound},
    {"renew", LeaseStep::renew},
    {"nak", LeaseStep::nak},
    {"leasefail", LeaseStep::leasefail},
}};

constexpr std::array wanted{"ip", "subnet", "mask", "router", "dns", "lease"};

std::string_view take_word(std::string_view& text) {
    const auto length = std::min(text.find('\0'), text.size());
    const auto word = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
    return word;
}

}  // namespace

std::string lease_message(std::string_view step, const std::function<const char*(const char*)>& variable) {
    if (std::ranges::find(steps, step, &decltype(steps)::value_type::first) == steps.end()) return {};
    std::string message(first_word);
    message += '\0';
    message += step;
    for (const auto* name : wanted) {
        const auto* value = variable(name);
        if (value == nullptr) continue;
        const std::string_view text(value);
        if (message.size() + std::string_view(name).size() + text.size() + 2 > longest_lease_message)
            continue;
        message += '\0';
        message += name;
        message += '=';
        message += text;
    }
    return message;
}

Expected<LeaseEvent> parse_lease_message(std::string_view message) {
    if (message.size() > longest_lease_message || take_word(message) != first_word)
        return fail(ErrorKind::internal, "not a message of the lease hook");
    const auto* const step =
        std::ranges::find(steps, take_word(message), &decltype(steps)::value_type::first);
    if (step == steps.end()) return fail(ErrorKind::internal, "the lease hook tells of an unknown step");
    LeaseEvent event{step->second, {}};
    while (!message.empty()) {
        const auto word = take_word(message);
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        event.variables.emplace(word.substr(0, equals), word.substr(equals + 1));
    }
    return event;
}

}  // namespace mox::network
