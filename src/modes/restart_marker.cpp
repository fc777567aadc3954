#include "modes/restart_marker.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "boot/try_log.hpp"

namespace mox::modes {

namespace {

constexpr std::string_view command = "bootcmd";
constexpr std::string_view saved_command = "mox_rescue_bootcmd";
constexpr std::string_view marker = "mox_rescue_marker";
constexpr std::string_view marker_saved = "saved";
constexpr std::string_view marker_none = "none";
constexpr std::string_view marker_alone = "alone";
constexpr std::string_view targets = "boot_targets";
constexpr std::string_view forced_mode = "force_mode";
constexpr std::string_view forced_tries = "force_tries";

/// Of rescue systems before this marker.
constexpr std::string_view older_saved_targets = "rescue_boot_targets";
constexpr std::string_view rescue_target = "rescue";

std::optional<std::string> value_of(const boot::Variables& variables, std::string_view name) {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
}

void set(boot::Variables& variables, std::string_view name, std::string value) {
    variables.insert_or_assign(std::string(name), std::move(value));
}

/// Takes the variable away and returns what it held.
std::optional<std::string> take(boot::Variables& variables, std::string_view name) {
    auto value = value_of(variables, name);
    if (value) variables.erase(variables.find(name));
    return value;
}

/// What cannot be read counts as none: three more tries do no harm.
int tries_in(const std::optional<std::string>& text) {
    int tries = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), tries);
    return std::max(tries, 0);
}

void undo_older_marker(boot::Variables& variables) {
    const auto saved = take(variables, older_saved_targets);
    if (value_of(variables, targets) != rescue_target || !variables.contains(forced_mode)) return;
    take(variables, forced_mode);
    if (saved)
        set(variables, targets, *saved);
    else
        take(variables, targets);
}

void undo_marker(boot::Variables& variables) {
    const auto kind = take(variables, marker);
    const auto saved = take(variables, saved_command);
    if (!kind) return;
    take(variables, forced_mode);
    take(variables, command);
    if (saved) set(variables, command, *saved);
    if (kind == marker_alone) take(variables, targets);
}

Expected<std::optional<boot::TryLog>> try_log(boot::Flash* rescue_partition) {
    if (rescue_partition == nullptr) return std::nullopt;
    return boot::TryLog::open(*rescue_partition);
}

/// Adds the marker to variables that have none.
void add_marker(boot::Variables& variables, const board::Description& board, const RestartMark& mark) {
    const bool alone = variables.empty();
    const auto former = take(variables, command);
    const std::string otherwise =
        former ? "run " + std::string(saved_command) : "env default -f -a; run " + std::string(command);
    set(variables, command, board.start_rescue + "; " + otherwise);
    set(variables, marker, std::string(alone ? marker_alone : former ? marker_saved : marker_none));
    if (former) set(variables, saved_command, *former);
    // Newer boot loaders compare it without looking whether it is there.
    if (alone) set(variables, targets, board.default_boot_targets);
    set(variables, forced_mode, std::to_string(selection::number_of(mark.mode)));
    if (!mark.disk.empty()) set(variables, formatted_disk, mark.disk);
}

}  // namespace

Expected<void> mark_for_restart(boot::Environment& environment, const board::Description& board,
                                const RestartMark& mark, boot::Flash* rescue_partition) {
    // Before the environment is written, which is what makes a try of the next start.
    if (mark.tries == Tries::fresh) {
        auto log = TRY(try_log(rescue_partition));
        if (log) TRY(log->start_afresh());
    }
    const auto present = environment.variables();
    auto wanted = without_marker(present);
    add_marker(wanted, board, mark);
    if (const auto tries = value_of(present, forced_tries); tries && mark.tries == Tries::go_on)
        set(wanted, forced_tries, *tries);
    return environment.change(boot::changes_between(present, wanted));
}

Expected<ForcedTry> count_forced_try(boot::Environment& environment, boot::Flash* rescue_partition) {
    auto log = TRY(try_log(rescue_partition));
    const int tries = log ? log->tries() : tries_in(environment.get(forced_tries));
    if (tries >= most_forced_tries) return ForcedTry::used_up;
    TRY(log ? log->add_try() : environment.change({{std::string(forced_tries), std::to_string(tries + 1)}}));
    return ForcedTry::allowed;
}

bool stands_alone(const boot::Variables& variables) {
    return value_of(variables, marker) == marker_alone;
}

boot::Variables without_marker(boot::Variables variables) {
    undo_marker(variables);
    undo_older_marker(variables);
    for (const auto name : {forced_tries, formatted_disk}) take(variables, name);
    return variables;
}

}  // namespace mox::modes
