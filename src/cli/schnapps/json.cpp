#include "cli/schnapps/json.hpp"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "snapshots/description.hpp"

namespace mox::cli::schnapps {

namespace {

using Json = nlohmann::ordered_json;
using snapshots::escaped_for_display;
using snapshots::Snapshot;

std::string text_of(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(escaped_for_display(text));
}

Json json_of(const snapshots::Target& target) {
    if (const auto* number = std::get_if<snapshots::Number>(&target)) return number->value;
    return to_text(target);
}

/// All properties except the size.
Json json_of(const Snapshot& snapshot) {
    return {
        {"number", snapshot.number.value},
        {"type", name_of(snapshot.type)},
        {"created", escaped_for_display(snapshot.created)},
        {"description", escaped_for_display(snapshot.description)},
        {"roll_to", snapshot.roll_to ? json_of(*snapshot.roll_to) : Json(nullptr)},
        {"usable", snapshot.usable()},
        {"damage", text_or_null(snapshot.damage)},
        {"info_trouble", text_or_null(snapshot.info_warning)},
    };
}

std::string_view name_of(snapshots::ChangeKind kind) {
    switch (kind) {
        case snapshots::ChangeKind::removed:
            return "removed";
        case snapshots::ChangeKind::added:
            return "added";
        case snapshots::ChangeKind::changed:
            return "changed";
    }
    return "changed";
}

}  // namespace

std::string json_of(const std::vector<JsonField>& fields) {
    Json json = Json::object();
    for (const auto& field : fields) {
        auto& target = json[std::string(field.key)];
        std::visit(
            [&target](const auto& value) {
                using Value = std::remove_cvref_t<decltype(value)>;
                if constexpr (std::is_same_v<Value, std::monostate>)
                    target = nullptr;
                else if constexpr (std::is_same_v<Value, std::string>)
                    target = escaped_for_display(value);
                else if constexpr (std::is_same_v<Value, Verbatim>)
                    target = value.text;
                else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
                    for (target = Json::array(); const auto& text : value)
                        target.push_back(escaped_for_display(text));
                else
                    target = value;
            },
            field.value);
    }
    return text_of(json);
}

std::string parsed_list_json(const std::vector<Snapshot>& snapshots, const Sizes& sizes) {
    Json list = Json::array();
    for (const auto& snapshot : snapshots) {
        const auto size = sizes.find(snapshot.number);
        list.push_back({
            {"number", snapshot.number.value},
            {"type", name_of(snapshot.type)},
            {"size", size == sizes.end() ? std::string() : snapshots::size_text(size->second.exclusive)},
            {"created", escaped_for_display(snapshot.created)},
            {"description", escaped_for_display(snapshot.description)},
        });
    }
    return text_of({{"snapshots", std::move(list)}});
}

std::string full_list_json(const std::vector<Snapshot>& snapshots, const Sizes& sizes, bool factory_exists) {
    Json list = Json::array();
    for (const auto& snapshot : snapshots) {
        auto json = json_of(snapshot);
        const auto size = sizes.find(snapshot.number);
        json["size"] = size == sizes.end() ? Json(nullptr) : Json(size->second.exclusive.count);
        json["referenced"] = size == sizes.end() ? Json(nullptr) : Json(size->second.referenced.count);
        list.push_back(std::move(json));
    }
    return text_of({{"factory", factory_exists}, {"snapshots", std::move(list)}});
}

std::string snapshot_json(const Snapshot& snapshot) {
    return text_of(json_of(snapshot));
}

std::string cleanup_json(const std::vector<snapshots::CleanupResult>& results) {
    Json deleted = Json::array();
    Json kept = Json::array();
    for (const auto& result : results) {
        if (result.kept_because.empty())
            deleted.push_back(result.snapshot.number.value);
        else
            kept.push_back({{"number", result.snapshot.number.value}, {"because", result.kept_because}});
    }
    return text_of({{"deleted", std::move(deleted)}, {"kept", std::move(kept)}});
}

std::string comparison_json(std::string_view left, std::string_view right,
                            const snapshots::Comparison& comparison) {
    Json changes = Json::array();
    for (const auto& change : comparison.changes)
        changes.push_back({{"path", "/" + escaped_for_display(change.path)},
                           {"change", name_of(change.kind)},
                           {"differs_in", names_of(change.differences)}});
    return text_of({{"left", left}, {"right", right}, {"changes", std::move(changes)}});
}

}  // namespace mox::cli::schnapps
