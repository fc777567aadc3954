#include "modes/environment_reset.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.hpp"
#include "boot/environment_text.hpp"

namespace mox::modes {

namespace {

/// Nothing when they are not known: the log says why.
std::optional<boot::Variables> defaults_of(const ModeContext& context) {
    const auto& file = context.board.default_environment;
    if (file.empty()) {
        context.log.info("the boot environment is left as it is: this board's defaults are not known");
        return std::nullopt;
    }
    auto text = read_small_file(file, ErrorKind::internal);
    auto defaults = boot::parse_environment_text(text.value_or(""));
    if (!defaults.empty()) return defaults;
    context.log.warning("the boot environment is left as it is: " +
                        (text ? file.native() + " holds no variables" : text.error().describe()));
    return std::nullopt;
}

}  // namespace

bool is_carried_over(std::string_view variable) {
    constexpr std::array<std::string_view, 5> names{"contract", "rescue_mode", "boot_targets", "root_uuid",
                                                    "rescue_keys"};
    return std::ranges::find(names, variable) != names.end();
}

boot::EnvironmentChanges changes_to_defaults(const boot::Variables& present,
                                             const boot::Variables& defaults) {
    boot::EnvironmentChanges changes;
    for (const auto& [name, value] : present)
        if (!is_carried_over(name) && !defaults.contains(name)) changes[name] = "";
    for (const auto& [name, value] : defaults) {
        const auto found = present.find(name);
        if (found != present.end() && (is_carried_over(name) || found->second == value)) continue;
        changes[name] = value;
    }
    return changes;
}

Expected<void> reset_environment(ModeContext& context) {
    const auto defaults = defaults_of(context);
    if (!defaults) return {};
    const auto changes = changes_to_defaults(context.environment.variables(), *defaults);
    if (changes.empty()) return {};
    auto changed = context.environment.change(changes);
    if (changed) context.log.info("the boot environment is back at its defaults");
    return changed;
}

}  // namespace mox::modes
