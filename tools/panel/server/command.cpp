#include "panel/server/command.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

namespace mox::virtual_mox::panel {

namespace {

using nlohmann::json;

/// A member is missing or has a wrong type or value, with a message.
struct Malformed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

bool flag(const json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_boolean())
        throw Malformed(std::string("\"") + name + "\" must be true or false");
    return found->get<bool>();
}

bool flag_or_false(const json& message, const char* name) {
    return message.contains(name) && flag(message, name);
}

template <typename Value>
Value one_of(const json& message, const char* name, std::optional<Value> (*value_named)(std::string_view)) {
    const auto found = message.find(name);
    if (found != message.end() && found->is_string())
        if (const auto value = value_named(found->get_ref<const std::string&>())) return *value;
    throw Malformed(std::string("\"") + name + "\" is not a word of the protocol");
}

double number(const json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_number())
        throw Malformed(std::string("\"") + name + "\" must be a number");
    return found->get<double>();
}

std::string text(const json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_string())
        throw Malformed(std::string("\"") + name + "\" must be a text");
    return found->get<std::string>();
}

Bytes size(const json& message, const char* name) {
    const auto found = message.find(name);
    if (found == message.end() || !found->is_number_unsigned())
        throw Malformed(std::string("\"") + name + "\" must be a number of bytes");
    return Bytes{found->get<std::uint64_t>()};
}

Action action_in(const json& message) {
    const auto found = message.find("do");
    if (found == message.end() || !found->is_string()) throw Malformed("\"do\" must be a text");
    const auto& what = found->get_ref<const std::string&>();
    if (what == "power") return SetPower{flag(message, "on")};
    if (what == "reset") return ResetBoard{};
    if (what == "button") return MoveButton{flag(message, "down"), flag_or_false(message, "locked")};
    if (what == "cable") return MoveCable{flag(message, "plugged")};
    if (what == "card") return MoveCard{flag(message, "in")};
    if (what == "stick") return MoveStick{flag(message, "in")};
    if (what == "make_card") return MakeCard{one_of(message, "content", card_content_named)};
    if (what == "make_stick")
        return MakeStick{one_of(message, "content", stick_content_named),
                         one_of(message, "filesystem", filesystem_named)};
    if (what == "check_file") return CheckFile{text(message, "name"), size(message, "size")};
    if (what == "look_at_card") return LookAtCard{};
    if (what == "show_me") return PlayScenario{flag(message, "running")};
    if (what == "ping") return Ping{number(message, "t")};
    throw Malformed("there is no such command");
}

}  // namespace

std::expected<Command, NoCommand> read_command(std::string_view text) {
    const auto message = json::parse(text, nullptr, false);
    if (!message.is_object()) return std::unexpected(NoCommand{0, "not a JSON object"});
    double id = 0;
    try {
        id = number(message, "id");
        return Command{id, action_in(message)};
    } catch (const Malformed& wrong) {
        return std::unexpected(NoCommand{id, wrong.what()});
    }
}

}  // namespace mox::virtual_mox::panel
