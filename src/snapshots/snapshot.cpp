#include "snapshots/snapshot.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace mox::snapshots {

namespace {

constexpr std::array type_names{
    std::pair{SnapshotType::single, std::string_view("single")},
    std::pair{SnapshotType::time, std::string_view("time")},
    std::pair{SnapshotType::pre, std::string_view("pre")},
    std::pair{SnapshotType::post, std::string_view("post")},
    std::pair{SnapshotType::rollback, std::string_view("rollback")},
    std::pair{SnapshotType::save, std::string_view("save")},
};

constexpr std::string_view factory_target = "factory";
constexpr std::string_view info_ending = ".info";

}  // namespace

std::string_view name_of(SnapshotType type) {
    const auto* const found = std::ranges::find(type_names, type, [](const auto& one) { return one.first; });
    return found->second;
}

std::optional<SnapshotType> type_named(std::string_view name) {
    const auto* const found = std::ranges::find(type_names, name, [](const auto& one) { return one.second; });
    if (found == type_names.end()) return std::nullopt;
    return found->first;
}

const std::vector<SnapshotType>& all_types() {
    static const std::vector<SnapshotType> types = [] {
        std::vector<SnapshotType> all;
        all.reserve(type_names.size());
        for (const auto& [type, name] : type_names) all.push_back(type);
        return all;
    }();
    return types;
}

std::string to_text(Number number) {
    return std::to_string(number.value);
}

std::string to_text(const Target& target) {
    if (const auto* number = std::get_if<Number>(&target)) return to_text(*number);
    return std::string(factory_target);
}

std::optional<Number> number_named(std::string_view text) {
    if (text.empty() || text.front() == '0') return std::nullopt;
    const auto value = whole_number<decltype(Number::value)>(text);
    if (!value || Number{*value} > highest_number) return std::nullopt;
    return Number{*value};
}

std::optional<Target> target_named(std::string_view text) {
    if (text == factory_target) return Factory{};
    return number_named(text);
}

std::string subvolume_of(const Target& target) {
    return std::string(root_name) + to_text(target);
}

std::string info_file_of(Number number) {
    return to_text(number) + std::string(info_ending);
}

std::optional<Number> number_of_subvolume(std::string_view name) {
    if (!name.starts_with(root_name)) return std::nullopt;
    return number_named(name.substr(root_name.size()));
}

std::optional<Number> number_of_info_file(std::string_view name) {
    if (!name.ends_with(info_ending)) return std::nullopt;
    return number_named(name.substr(0, name.size() - info_ending.size()));
}

std::string what_exists(const std::vector<Snapshot>& snapshots, bool factory_exists) {
    std::vector<std::string> names;
    for (const auto& snapshot : snapshots)
        if (snapshot.usable()) names.push_back(to_text(snapshot.number));
    const bool numbered = !names.empty();
    if (factory_exists) names.emplace_back(factory_target);
    if (names.empty()) return "no snapshots at all";

    std::string text = numbered ? (names.size() == 1 ? "only snapshot " : "snapshots ") : "only ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

}  // namespace mox::snapshots
