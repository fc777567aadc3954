#include "modes/environment_reset.hpp"

#include <algorithm>
#include <array>

namespace mox::modes {

bool is_carried_over(std::string_view variable) {
    constexpr std::array<std::string_view, 4> names{"contract", "rescue_mode", "boot_targets", "root_uuid"};
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
    const auto& defaults = context.board.default_environment;
    if (defaults.empty()) {
        context.log.info("the boot environment is left as it is: this board's defaults are not known");
        return {};
    }
    const auto changes = changes_to_defaults(context.environment.variables(), defaults);
    if (changes.empty()) return {};
    auto changed = context.environment.change(changes);
    if (changed) context.log.info("the boot environment is back at its defaults");
    return changed;
}

}  // namespace mox::modes
