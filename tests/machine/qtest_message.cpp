#include "machine/qtest_message.hpp"

#include <charconv>

namespace mox::machine_test {

namespace {

constexpr std::string_view raised = "IRQ raise ";
constexpr std::string_view lowered = "IRQ lower ";

std::optional<int> number_in(std::string_view text) {
    int number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, failed] = std::from_chars(text.data(), end, number);
    if (failed != std::errc() || stopped != end) return std::nullopt;
    return number;
}

}  // namespace

Expected<QtestMessage> parse_qtest(std::string_view line) {
    const bool high = line.starts_with(raised);
    if (high || line.starts_with(lowered)) {
        if (const auto number = number_in(line.substr(raised.size()))) return QtestLine{*number, high};
    } else if (line == "OK") {
        return QtestReply{true, ""};
    } else if (line.starts_with("OK ")) {
        return QtestReply{true, std::string(line.substr(3))};
    } else if (line.starts_with("FAIL") || line.starts_with("ERR")) {
        return QtestReply{false, std::string(line)};
    }
    return fail(ErrorKind::internal, "this is no qtest: " + std::string(line.substr(0, 200)));
}

std::string intercept_outputs_command(std::string_view device) {
    return "irq_intercept_out " + std::string(device);
}

std::string set_input_command(std::string_view device, int number, bool high) {
    return "set_irq_in " + std::string(device) + " unnamed-gpio-in " + std::to_string(number) +
           (high ? " 1" : " 0");
}

}  // namespace mox::machine_test
