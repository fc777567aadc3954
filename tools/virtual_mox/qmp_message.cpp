#include "virtual_mox/qmp_message.hpp"

#include <utility>

namespace mox::virtual_mox {

namespace {

using nlohmann::json;

constexpr auto kind = ErrorKind::internal;

std::unexpected<Error> not_qmp(std::string_view line) {
    return fail(kind, "not a QMP message: " + std::string(line.substr(0, 200)));
}

std::string version_in(const json& greeting) {
    const auto number = [&](const char* part) {
        return greeting.value(json::json_pointer("/version/qemu/" + std::string(part)), 0);
    };
    return std::to_string(number("major")) + "." + std::to_string(number("minor")) + "." +
           std::to_string(number("micro"));
}

QmpAnswer answer_in(const json& message) {
    const auto id = message.value("id", std::uint64_t{0});
    if (const auto error = message.find("error"); error != message.end())
        return {id, fail(kind, error->value("desc", "QEMU refuses without a reason"))};
    return {id, message.at("return")};
}

}  // namespace

Expected<QmpMessage> parse_qmp(std::string_view line) try {
    const auto message = json::parse(line);
    if (!message.is_object()) return not_qmp(line);
    if (message.contains("QMP")) return QmpGreeting{version_in(message.at("QMP"))};
    if (message.contains("event")) {
        auto data = message.value("data", json::object());
        return QmpNotice{message.at("event").get<std::string>(), std::move(data)};
    }
    if (message.contains("return") || message.contains("error")) return answer_in(message);
    return not_qmp(line);
} catch (const json::exception&) {
    return not_qmp(line);
}

std::string qmp_command_line(std::uint64_t id, std::string_view command, const json& arguments) {
    json message;
    message["execute"] = command;
    message["id"] = id;
    if (!arguments.is_null()) message["arguments"] = arguments;
    return message.dump() + "\n";
}

}  // namespace mox::virtual_mox
