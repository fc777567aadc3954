#include "rescue/start.hpp"

#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace mox::rescue {

namespace {

/// `text` as a mode number, counted from `base`.
std::optional<boot::Mode> mode_in(std::string_view text, int base) {
    const auto number = whole_number<int>(text);
    if (!number || *number < base) return std::nullopt;
    return boot::mode_from_number(*number - base + 1);
}

struct Setting {
    std::string text;
    Source source;
};

std::string_view name_of(Source source) {
    return source == Source::boot_environment ? "boot environment" : "kernel command line";
}

std::optional<Setting> setting(std::string_view name, const boot::KernelCommandLine& command_line,
                               const boot::Environment& environment) {
    if (auto text = command_line.value(name)) return Setting{std::move(*text), Source::kernel_command_line};
    if (auto text = environment.get(name)) return Setting{std::move(*text), Source::boot_environment};
    return std::nullopt;
}

std::string warning_about(std::string_view name, const Setting& setting, std::string_view message) {
    return std::string(name) + "=" + setting.text + " of the " + std::string(name_of(setting.source)) +
           std::string(message);
}

}  // namespace

Start read_start(const boot::KernelCommandLine& command_line, const boot::Environment& environment) {
    Start start;
    if (const auto given = setting("rescue_mode", command_line, environment)) {
        const auto mode = mode_in(given->text, 0);
        start.first = mode.value_or(boot::Mode::reboot);
        if (!mode)
            start.warnings.push_back(
                warning_about("rescue_mode", *given, " is not 0 to 6: starting at mode 1"));
    }
    if (const auto given = setting("force_mode", command_line, environment)) {
        start.forced = mode_in(given->text, 1);
        start.forced_by = given->source;
        if (!start.forced)
            start.warnings.push_back(warning_about("force_mode", *given, " is not 1 to 7: ignored"));
    }
    start.dont_reboot =
        command_line.has("dont_reboot") && command_line.value("dont_reboot").value_or("") != "0";
    return start;
}

}  // namespace mox::rescue
