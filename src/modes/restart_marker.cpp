#include "modes/restart_marker.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace mox::modes {

namespace {

constexpr std::string_view targets = "boot_targets";
constexpr std::string_view saved_targets = "rescue_boot_targets";
constexpr std::string_view forced_mode = "force_mode";
constexpr std::string_view forced_tries = "force_tries";
constexpr std::string_view rescue_target = "rescue";

bool is_marked(const boot::Variables& variables) {
    const auto target = variables.find(targets);
    return target != variables.end() && target->second == rescue_target && variables.contains(forced_mode);
}

/// What cannot be read counts as none: three more tries do no harm.
int tries_in(const std::optional<std::string>& text) {
    int tries = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), tries);
    return std::max(tries, 0);
}

void remove(boot::Variables& variables, std::string_view name) {
    if (const auto found = variables.find(name); found != variables.end()) variables.erase(found);
}

}  // namespace

Expected<void> mark_for_restart(boot::Environment& environment, selection::Mode mode,
                                const std::string& disk) {
    if (is_marked(environment.variables())) return {};
    return environment.change({{std::string(forced_mode), std::to_string(selection::number_of(mode))},
                               {std::string(saved_targets), environment.get(targets).value_or("")},
                               {std::string(targets), std::string(rescue_target)},
                               {std::string(formatted_disk), disk}});
}

Expected<ForcedTry> count_forced_try(boot::Environment& environment) {
    const int tries = tries_in(environment.get(forced_tries));
    if (tries >= most_forced_tries) return ForcedTry::used_up;
    auto counted = environment.change({{std::string(forced_tries), std::to_string(tries + 1)}});
    if (!counted) return pass_on(counted);
    return ForcedTry::allowed;
}

boot::Variables without_marker(boot::Variables variables) {
    if (is_marked(variables)) {
        remove(variables, forced_mode);
        const auto saved = variables.find(saved_targets);
        if (saved != variables.end())
            variables.insert_or_assign(std::string(targets), saved->second);
        else
            remove(variables, targets);
    }
    for (const auto name : {saved_targets, forced_tries, formatted_disk}) remove(variables, name);
    return variables;
}

}  // namespace mox::modes
