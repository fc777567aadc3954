#include "support/snapshot_model.hpp"

#include <algorithm>
#include <ranges>

namespace mox::test_support {

namespace {

using Kind = ModelOperation::Kind;

std::string joined(const std::vector<std::uint32_t>& numbers) {
    std::string text;
    for (const auto number : numbers) text += " " + std::to_string(number);
    return text;
}

std::string deleted(const std::vector<std::uint32_t>& numbers) {
    return numbers.empty() ? "nothing" : "deleted" + joined(numbers);
}

std::optional<unsigned> limit_for(const std::string& type, const ModelLimits& limits) {
    if (type == "single") return limits.single;
    if (type == "time") return limits.time;
    if (type == "pre" || type == "post") return limits.updater;
    if (type == "rollback") return limits.rollback;
    return std::nullopt;
}

std::string to_text(const ModelLimits& limits) {
    const auto one = [](const char* name, std::optional<unsigned> limit) {
        return std::string(" ") + name + "=" + (limit ? std::to_string(*limit) : "-1");
    };
    return one("max_single", limits.single) + one("max_time", limits.time) +
           one("max_updater", limits.updater) + one("max_rollback", limits.rollback);
}

}  // namespace

std::string to_text(const ModelOperation& operation) {
    const auto number = std::to_string(operation.number);
    switch (operation.kind) {
        case Kind::work:
            return "work until @ says " + operation.text;
        case Kind::create:
            return "create -t " + operation.type + " '" + operation.text + "'";
        case Kind::modify:
            return "modify " + number + (operation.type.empty() ? "" : " -t " + operation.type) +
                   (operation.described ? " -d '" + operation.text + "'" : "");
        case Kind::remove:
            return "delete " + number;
        case Kind::clean_up:
            return "cleanup with" + to_text(operation.limits);
        case Kind::step_back:
            return "rollback";
        case Kind::roll_back:
            return "rollback " + number;
        case Kind::factory_reset:
            return "rollback factory";
        case Kind::savepoint:
            return "savepoint " + std::to_string(operation.minutes);
        case Kind::commit:
            return "commit";
        case Kind::minutes_pass:
            return "wait " + std::to_string(operation.minutes) + " minutes";
        case Kind::router_restarts:
            return "restart";
    }
    return "?";
}

std::string model_description(std::string_view text) {
    constexpr std::string_view kept =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,?!()/;:<>-";
    std::string stored(text.substr(0, 1024));
    std::ranges::replace_if(stored, [&](char c) { return !kept.contains(c); }, '_');
    return stored;
}

std::string snapshot_line(std::uint32_t number, std::string_view type, std::string_view content,
                          std::string_view roll_to, std::string_view description) {
    std::string line = "@" + std::to_string(number) + " ";
    line.append(type).append(" content=").append(content).append(" roll_to=").append(roll_to);
    return line.append(" ").append(description).append("\n");
}

// Each snapshot is judged for itself: it is passed over if it is a rollback, or if a rollback above it that
// was not passed over itself went to it or below it.
std::string model_step_back(const std::vector<ModelSnapshot>& history) {
    std::map<std::uint32_t, ModelSnapshot> by_number;
    for (const auto& one : history) by_number[one.number] = one;
    std::vector<std::uint64_t> reached;  // what each rollback that counts went to; 0: the factory state
    std::string target = "factory";
    for (const auto& [number, one] : by_number | std::views::reverse) {
        const bool passed_over = std::ranges::any_of(reached, [number](auto to) { return to <= number; });
        if (passed_over) continue;
        if (one.type != "rollback") {
            target = std::to_string(number);
            break;
        }
        if (one.roll_to == "factory")
            reached.push_back(0);
        else if (!one.roll_to.empty())
            reached.push_back(std::stoull(one.roll_to));
    }
    return target;
}

std::vector<std::uint32_t> model_compare_cleanup(const std::vector<ModelSnapshot>& history) {
    std::vector<std::uint32_t> numbers;
    for (std::size_t i = 0; i + 1 < history.size(); ++i) {
        const bool is_last_of_group = history[i].content != history[i + 1].content;
        const bool was_made_on_purpose = history[i].type == "single" || history[i].type == "save";
        if (!is_last_of_group && !was_made_on_purpose) numbers.push_back(history[i].number);
    }
    return numbers;
}

std::string SnapshotModel::apply(const ModelOperation& operation) {
    switch (operation.kind) {
        case Kind::work:
            root_ = operation.text;
            return "nothing";
        case Kind::create:
            return "created " + std::to_string(add({.type = operation.type,
                                                    .description = model_description(operation.text),
                                                    .content = root_}));
        case Kind::modify:
            return modify(operation);
        case Kind::remove:
            return remove(operation.number);
        case Kind::clean_up: {
            const auto numbers = superfluous(operation.limits);
            for (const auto number : numbers) snapshots_.erase(number);
            return deleted(numbers);
        }
        case Kind::step_back:
            return roll_back(one_step_back());
        case Kind::roll_back:
            return roll_back(std::to_string(operation.number));
        case Kind::factory_reset:
            return roll_back("factory");
        case Kind::savepoint:
            return start_savepoint(operation.minutes);
        case Kind::commit:
            return commit();
        case Kind::minutes_pass:
            if (savepoint_) savepoint_->minutes_left -= operation.minutes;
            return look_at_savepoint();
        case Kind::router_restarts:
            if (savepoint_) savepoint_->minutes_left = savepoint_->minutes;
            return look_at_savepoint();
    }
    return "?";
}

std::string SnapshotModel::describe() const {
    std::string text = "@ content=" + root_ + "\n";
    for (const auto& [number, one] : snapshots_)
        text += snapshot_line(number, one.type, one.content, one.roll_to, one.description);
    if (savepoint_) text += "savepoint is " + std::to_string(savepoint_->number) + "\n";
    return text;
}

std::vector<std::string> SnapshotModel::names() const {
    std::vector<std::string> all{"@"};
    if (has_factory_) all.emplace_back("@factory");
    for (const auto number : snapshots_ | std::views::keys) {
        all.push_back("@" + std::to_string(number));
        all.push_back(std::to_string(number) + ".info");
    }
    std::ranges::sort(all);
    return all;
}

std::string SnapshotModel::one_step_back() const {
    std::vector<ModelSnapshot> history;
    for (const auto& [number, one] : snapshots_)
        history.push_back({.number = number, .type = one.type, .roll_to = one.roll_to});
    return model_step_back(history);
}

std::vector<std::uint32_t> SnapshotModel::superfluous(const ModelLimits& limits) const {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, one] : snapshots_) {
        const auto limit = limit_for(one.type, limits);
        const auto newer = std::ranges::count_if(
            snapshots_.upper_bound(number), snapshots_.end(),
            [&type = one.type](const auto& other) { return other.second.type == type; });
        if (limit && static_cast<unsigned>(newer) >= *limit) numbers.push_back(number);
    }
    return numbers;
}

std::vector<std::uint32_t> SnapshotModel::numbers() const {
    const auto keys = snapshots_ | std::views::keys;
    return {keys.begin(), keys.end()};
}

std::uint32_t SnapshotModel::add(Snapshot snapshot) {
    const auto number = snapshots_.empty() ? 1 : snapshots_.rbegin()->first + 1;
    snapshots_.emplace(number, std::move(snapshot));
    return number;
}

std::string SnapshotModel::modify(const ModelOperation& operation) {
    const auto found = snapshots_.find(operation.number);
    if (found == snapshots_.end()) return "refused";
    if (operation.described) found->second.description = model_description(operation.text);
    if (operation.type.empty()) return "modified";
    found->second.type = operation.type;
    // Whoever keeps it as something else does not want to be rolled back to it.
    if (savepoint_ && savepoint_->number == operation.number && operation.type != "save") savepoint_.reset();
    return "modified";
}

std::string SnapshotModel::remove(std::uint32_t number) {
    if (savepoint_ && savepoint_->number == number) return "refused";
    return snapshots_.erase(number) == 1 ? deleted({number}) : "refused";
}

std::string SnapshotModel::roll_back(const std::string& target) {
    std::string content = "factory";
    if (target == "factory") {
        if (!has_factory_) return "refused";
    } else {
        const auto found = snapshots_.find(static_cast<std::uint32_t>(std::stoul(target)));
        if (found == snapshots_.end()) return "refused";
        content = found->second.content;
    }
    const auto saved = add({.type = "rollback",
                            .description = "Rollback to snapshot " + target,
                            .content = root_,
                            .roll_to = target});
    root_ = content;
    savepoint_.reset();
    return "rolled back to " + target + ", saved as " + std::to_string(saved);
}

std::string SnapshotModel::start_savepoint(int minutes) {
    const auto number = add({.type = "save", .description = "Savepoint", .content = root_});
    remove_savepoints_but(number);
    savepoint_ = {.number = number, .minutes_left = minutes, .minutes = minutes};
    return "created " + std::to_string(number);
}

std::string SnapshotModel::commit() {
    savepoint_.reset();
    return deleted(remove_savepoints_but(std::nullopt));
}

std::string SnapshotModel::look_at_savepoint() {
    if (!savepoint_ || savepoint_->minutes_left > 0) return "nothing";
    return roll_back(std::to_string(savepoint_->number));
}

std::vector<std::uint32_t> SnapshotModel::remove_savepoints_but(std::optional<std::uint32_t> kept) {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, one] : snapshots_)
        if (one.type == "save" && number != kept) numbers.push_back(number);
    for (const auto number : numbers) snapshots_.erase(number);
    return numbers;
}

}  // namespace mox::test_support
