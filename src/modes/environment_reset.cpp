#include "modes/environment_reset.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "boot/environment_text.hpp"
#include "modes/restart_marker.hpp"

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

std::string names_in(const boot::EnvironmentChanges& changes) {
    std::string names;
    for (const auto& [name, value] : changes) names += (names.empty() ? "" : ", ") + name;
    return names;
}

}  // namespace

bool is_carried_over(std::string_view variable) {
    constexpr std::array<std::string_view, 5> names{"contract", "rescue_mode", "boot_targets", "root_uuid",
                                                    "rescue_keys"};
    return std::ranges::find(names, variable) != names.end();
}

boot::Variables at_defaults(const boot::Variables& present, boot::Variables defaults) {
    for (const auto& [name, value] : present)
        if (is_carried_over(name)) defaults.insert_or_assign(name, value);
    return defaults;
}

boot::EnvironmentChanges changes_between(const boot::Variables& present, const boot::Variables& wanted) {
    boot::EnvironmentChanges changes;
    for (const auto& [name, value] : present)
        if (!wanted.contains(name)) changes[name] = "";
    for (const auto& [name, value] : wanted) {
        const auto found = present.find(name);
        if (found == present.end() || found->second != value) changes[name] = value;
    }
    return changes;
}

Expected<void> settle_environment(ModeContext& context, EnvironmentReset reset,
                                  const std::string& root_uuid) {
    const auto present = context.environment.variables();
    auto wanted = without_marker(present);
    if (reset == EnvironmentReset::to_defaults)
        if (auto defaults = defaults_of(context)) wanted = at_defaults(wanted, std::move(*defaults));
    if (const auto root = wanted.find("root_uuid"); root != wanted.end() && !root_uuid.empty())
        root->second = root_uuid;

    const auto changes = changes_between(present, wanted);
    if (changes.empty()) return {};
    auto changed = context.environment.change(changes);
    if (changed) context.log.info("the boot environment is in order again: " + names_in(changes));
    return changed;
}

}  // namespace mox::modes
