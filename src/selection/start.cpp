#include "selection/start.hpp"

#include <charconv>
#include <system_error>

namespace mox::selection {

namespace {

std::optional<int> number_in(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// `text` as a mode, when modes are counted from `base`.
std::optional<Mode> mode_in(std::string_view text, int base) {
    const auto number = number_in(text);
    if (!number || *number < base || *number - base >= mode_count) return std::nullopt;
    return mode_from_number(*number - base + 1);
}

void read_first_mode(Start& start, std::string_view text, std::string_view source) {
    const auto mode = mode_in(text, 0);
    start.first = mode.value_or(Mode::reboot);
    if (!mode)
        start.remarks.push_back("rescue_mode=" + std::string(text) + " of the " + std::string(source) +
                                " is not 0 to 6: starting at mode 1");
}

}  // namespace

Start read_start(const boot::KernelCommandLine& command_line,
                 const std::optional<std::string>& rescue_mode_in_environment) {
    Start start;
    if (const auto given = command_line.value("rescue_mode"))
        read_first_mode(start, *given, "kernel command line");
    else if (rescue_mode_in_environment)
        read_first_mode(start, *rescue_mode_in_environment, "boot environment");

    if (const auto forced = command_line.value("force_mode")) {
        start.forced = mode_in(*forced, 1);
        if (!start.forced)
            start.remarks.push_back("force_mode=" + *forced +
                                    " of the kernel command line is not 1 to 7: ignored");
    }
    start.dont_reboot =
        command_line.has("dont_reboot") && command_line.value("dont_reboot").value_or("") != "0";
    return start;
}

}  // namespace mox::selection
