#include "cli/schnapps/remote/backup_list.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/schnapps/json.hpp"
#include "cli/schnapps/table.hpp"
#include "snapshots/description.hpp"

namespace mox::cli::schnapps {

namespace {

using Json = nlohmann::ordered_json;
using snapshots::escaped_for_display;

Json json_of(const remote::Backup& backup, const remote::SystemId& system) {
    const auto number = backup.number();
    const auto& origin = backup.origin;
    return {
        {"name", backup.name},
        {"number", number ? Json(number->value) : Json(nullptr)},
        {"type", name_of(backup.info.type)},
        {"created", escaped_for_display(backup.info.created)},
        {"description", escaped_for_display(backup.info.description)},
        {"archive", backup.archive.empty() ? Json(nullptr) : Json(backup.archive)},
        {"size", backup.size ? Json(backup.size->count) : Json(nullptr)},
        {"encrypted", backup.archive.ends_with(remote::encrypted_ending)},
        {"this_system", !system.file_system.empty() && origin.system == system},
        {"system", origin.system.file_system.empty() ? Json(nullptr) : Json(origin.system.file_system)},
        {"by_sync", origin.by == remote::UploadedBy::sync},
        {"usable", backup.usable()},
        {"flaw", backup.usable() ? Json(nullptr) : Json(backup.flaw)},
    };
}

snapshots::Snapshot row_of(const remote::Backup& backup) {
    return {.number = backup.number().value_or(snapshots::Number{}),
            .type = backup.info.type,
            .description = backup.info.description,
            .created = backup.info.created,
            .roll_to = backup.info.roll_to,
            .damage = backup.flaw,
            .info_warning = backup.info.warning};
}

/// The tables find a size by the number, and two backups may have the same one: each is a table of its own.
using Table = std::string (*)(const std::vector<snapshots::Snapshot>&, const Sizes&);
std::string rows_by(Table table, const std::vector<remote::Backup>& backups) {
    auto text = table({}, {});
    const auto header = text.size();
    for (const auto& backup : backups) {
        const auto row = row_of(backup);
        Sizes size;
        if (backup.size) size[row.number].exclusive = *backup.size;
        text += table({row}, size).substr(header);
    }
    return text;
}

}  // namespace

std::string backups_table(const std::vector<remote::Backup>& backups) {
    return rows_by(&table_of, backups);
}

std::string backups_csv(const std::vector<remote::Backup>& backups) {
    return rows_by(&csv_of, backups);
}

std::string backups_parsed_json(const std::vector<remote::Backup>& backups) {
    auto list = Json::array();
    for (const auto& backup : backups) {
        const auto row = row_of(backup);
        Sizes size;
        if (backup.size) size[row.number].exclusive = *backup.size;
        list.push_back(Json::parse(parsed_list_json({row}, size)).at("snapshots").at(0));
    }
    return Json({{"snapshots", std::move(list)}}).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string backups_json(const std::vector<remote::Backup>& backups, const remote::SystemId& system,
                         const Findings& findings) {
    auto list = Json::array();
    for (const auto& backup : backups) {
        auto& json = list.emplace_back(json_of(backup, system));
        if (const auto found = findings.find(backup.name); found != findings.end())
            json["verified"] = found->second.empty();
    }
    return Json({{"backups", std::move(list)}}).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mox::cli::schnapps
