#include "update/environment_reset.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "boot/restart_marker.hpp"

namespace mox::update {

namespace {

constexpr std::string_view targets = "boot_targets";

std::string names_in(const boot::EnvironmentChanges& changes) {
    return joined(changes, ", ", [](const auto& change) { return change.first; });
}

/// The target `rescue` is left by a restart marker or by a held button; it is not a target to boot from.
boot::Variables carried_over(const boot::Variables& present) {
    boot::Variables kept;
    for (const auto& [name, value] : present)
        if (is_carried_over(name) && !value.empty() && !(name == targets && value == "rescue"))
            kept.emplace(name, value);
    return kept;
}

/// The variables after a reset, from the present ones without a marker.
boot::Variables wanted_after_reset(Context& context, boot::Variables variables, bool alone) {
    // No variable to carry over or to reset: the environment is removed, and the defaults are in force.
    if (variables.empty() || (alone && carried_over(variables).empty())) return {};
    auto wanted = reset_at_next_start(variables, context.board);
    if (wanted) return std::move(*wanted);
    context.log.warning("the boot environment is not reset, because a variable could not be carried over: " +
                        wanted.error().describe());
    return variables;
}

/// Resets the counter of tries after a mode that succeeded.
void reset_tries(Context& context) {
    const auto partition = context.rescue_partition ? context.rescue_partition() : nullptr;
    if (!partition) return;
    auto log = boot::TryLog::open(*partition);
    auto reset = !log ? Expected<void>(pass_on(log)) : *log ? (*log)->reset() : Expected<void>();
    if (!reset) context.log.warning("the counter of tries cannot be reset: " + reset.error().describe());
}

}  // namespace

bool is_carried_over(std::string_view variable) {
    constexpr std::array<std::string_view, 5> names{"contract", "rescue_mode", "boot_targets", "root_uuid",
                                                    "rescue_keys"};
    return std::ranges::find(names, variable) != names.end();
}

Expected<std::string> quoted_for_boot_loader(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        const bool printable = c >= ' ' && c <= '~';
        // Older versions of hush remove a backslash even within quotes, newer ones do not.
        if (!printable || c == '\\')
            return fail(ErrorKind::internal, "it holds a character that the boot loader does not keep",
                        {"set it again there"});
        if (c == '\'')
            text += R"('\'')";
        else
            text += c;
    }
    return text + "'";
}

Expected<boot::Variables> reset_at_next_start(const boot::Variables& present,
                                              const board::Description& board) {
    auto wanted = carried_over(present);
    std::string commands = "env default -f -a; ";
    for (const auto& [name, value] : wanted) {
        auto quoted = TRY(quoted_for_boot_loader(value), name);
        commands += "setenv ";
        commands += name;
        commands += " " + quoted + "; ";
    }
    wanted.insert_or_assign("bootcmd", commands + "saveenv && reset; run bootcmd");
    // Newer boot loaders compare it without a check that it exists.
    wanted.try_emplace(std::string(targets), board.default_boot_targets);
    return wanted;
}

Expected<void> finalize_environment(Context& context, EnvironmentReset reset, const std::string& root_uuid) {
    const auto present = context.environment.variables();
    if (present.contains("force_mode")) reset_tries(context);
    const bool alone = boot::stands_alone(present);
    auto wanted = boot::without_marker(present);
    if (const auto root = wanted.find("root_uuid"); root != wanted.end() && !root_uuid.empty())
        root->second = root_uuid;
    if (reset == EnvironmentReset::to_defaults || alone)
        wanted = wanted_after_reset(context, std::move(wanted), alone);

    const auto changes = boot::changes_between(present, wanted);
    if (changes.empty()) return {};
    auto changed = context.environment.change(changes);
    if (changed) context.log.info("the boot environment is updated: " + names_in(changes));
    return changed;
}

}  // namespace mox::update
