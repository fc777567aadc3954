#include "boot/restart_marker.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace mox::boot {

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

/// Variables and values of older rescue systems.
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

/// Removes the variable and returns its value.
std::optional<std::string> take(boot::Variables& variables, std::string_view name) {
    auto value = value_of(variables, name);
    if (value) variables.erase(variables.find(name));
    return value;
}

/// A value that cannot be read counts as 0: three more tries do no harm.
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
    // Newer boot loaders compare it without a check that it exists.
    if (alone) set(variables, targets, board.default_boot_targets);
    set(variables, forced_mode, std::to_string(boot::number_of(mark.mode)));
    if (!mark.disk.empty()) set(variables, formatted_disk, mark.disk);
}

}  // namespace

Expected<void> mark_for_restart(boot::Environment& environment, const board::Description& board,
                                const RestartMark& mark, boot::Flash* rescue_partition) {
    // This comes before the environment is written: from then on the next start is a try.
    if (mark.tries == Tries::fresh) {
        auto log = TRY(try_log(rescue_partition));
        if (log) TRY(log->reset());
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

namespace {

constexpr char erased = '\xff';
constexpr char try_mark = '\0';
constexpr char fresh_mark = '\x0f';

/// At the start of the block: it belongs to this program.
constexpr std::string_view head = "mox-rescue tries";
static_assert(head.size() == TryLog::entry_size);

bool is_erased(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char byte) { return byte == erased; });
}

/// Whether `bytes` are the head, or a part of it after a power cut.
bool can_become_head(std::string_view bytes) {
    return std::ranges::equal(bytes, head, [](char byte, char wanted) { return (byte & wanted) == wanted; });
}

}  // namespace

Expected<std::optional<TryLog>> TryLog::open(Flash& flash) {
    const auto block = flash.erase_block().count;
    if (block < 4 * entry_size || flash.size().count < 2 * block) return std::nullopt;
    const auto start = (flash.size().count / block - 1) * block;
    std::string content(block, '\0');
    TRY(flash.read(start, content));
    const std::string_view bytes = content;
    const bool ours = bytes.starts_with(head) ||
                      (can_become_head(bytes.substr(0, entry_size)) && is_erased(bytes.substr(entry_size)));
    if (!ours) return std::nullopt;
    return TryLog(flash, start, std::move(content));
}

std::size_t TryLog::end() const {
    const auto last = content_.find_last_not_of(erased);
    if (last == std::string::npos || last < entry_size) return entry_size;
    return (last / entry_size + 1) * entry_size;
}

int TryLog::tries() const {
    int tries = 0;
    for (auto at = entry_size; at < end(); at += entry_size) {
        // A part of an entry after a power cut counts as a try: a try too few does no harm.
        const auto entry = std::string_view(content_).substr(at, entry_size);
        tries = entry == std::string(entry_size, fresh_mark) ? 0 : tries + 1;
    }
    return tries;
}

Expected<void> TryLog::write(std::size_t at, std::string_view bytes) {
    TRY(flash_->write(start_ + at, bytes));
    std::ranges::copy(bytes, content_.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
}

Expected<void> TryLog::append(char mark) {
    if (!content_.starts_with(head)) TRY(write(0, head));
    return write(end(), std::string(entry_size, mark));
}

Expected<void> TryLog::add_try() {
    const int before = tries();
    if (end() + entry_size <= content_.size()) return append(try_mark);
    // The block is full after thousands of tries. A power cut from here on loses some of them.
    TRY(flash_->erase(start_));
    std::ranges::fill(content_, erased);
    for (int i = 0; i <= std::min(before, 3); ++i) TRY(append(try_mark));
    return {};
}

Expected<void> TryLog::reset() {
    if (tries() == 0) return {};
    if (end() + entry_size <= content_.size()) return append(fresh_mark);
    TRY(flash_->erase(start_));
    std::ranges::fill(content_, erased);
    return {};
}

}  // namespace mox::boot
