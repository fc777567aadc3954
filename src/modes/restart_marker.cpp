#include "modes/restart_marker.hpp"

#include <string>

namespace mox::modes {

namespace {

constexpr auto targets = "boot_targets";
constexpr auto saved_targets = "rescue_boot_targets";
constexpr auto forced_mode = "force_mode";
constexpr auto rescue_target = "rescue";

bool is_marked(const boot::Environment& environment) {
    return environment.get(targets) == rescue_target && environment.get(forced_mode).has_value();
}

}  // namespace

Expected<void> mark_for_restart(boot::Environment& environment, selection::Mode mode) {
    if (is_marked(environment)) return {};
    return environment.change({{forced_mode, std::to_string(selection::number_of(mode))},
                               {saved_targets, environment.get(targets).value_or("")},
                               {targets, rescue_target}});
}

Expected<void> clear_restart_marker(boot::Environment& environment) {
    if (!is_marked(environment)) return {};
    return environment.change(
        {{forced_mode, ""}, {targets, environment.get(saved_targets).value_or("")}, {saved_targets, ""}});
}

}  // namespace mox::modes
