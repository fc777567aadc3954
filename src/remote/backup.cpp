#include "remote/backup.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "snapshots/uuid_text.hpp"

namespace mox::remote {

namespace {

constexpr std::string_view own_prefix = "BACKUP_";
constexpr std::array archive_endings{plain_ending, encrypted_ending};

std::string value_of(const snapshots::SnapshotInfo& info, std::string_view key) {
    for (const auto& [name, value] : info.other)
        if (name == std::string(own_prefix) + std::string(key)) return value;
    return {};
}

/// A UUID; empty for any other text.
std::string uuid_in(const snapshots::SnapshotInfo& info, std::string_view key) {
    auto value = value_of(info, key);
    return snapshots::uuid_named(value) ? value : std::string();
}

const RemoteFile* find(const std::vector<RemoteFile>& files, const std::string& name) {
    const auto found = std::ranges::find(files, name, &RemoteFile::name);
    return found == files.end() ? nullptr : &*found;
}

bool is_taken(const std::vector<RemoteFile>& files, const std::string& name) {
    return std::ranges::any_of(files,
                               [&](const RemoteFile& file) { return file.name.starts_with(name + "."); });
}

/// "a, b and c", the first ones of many.
std::string some_names(const std::vector<const Backup*>& backups) {
    constexpr std::size_t most = 10;
    const std::vector<const Backup*> first(
        backups.begin(), backups.begin() + static_cast<std::ptrdiff_t>(std::min(most, backups.size())));
    return joined(first, ", ", [](const Backup* backup) { return backup->name; }) +
           (backups.size() > most ? ", ..." : "");
}

}  // namespace

std::optional<snapshots::Number> Backup::number() const {
    if (origin.number) return origin.number;
    return snapshots::number_named(std::string_view(name).substr(name.rfind('-') + 1));
}

Origin origin_in(const snapshots::SnapshotInfo& info) {
    Origin origin;
    origin.system = {.file_system = uuid_in(info, "SYSTEM"), .factory = uuid_in(info, "FACTORY")};
    origin.snapshot = uuid_in(info, "SNAPSHOT");
    origin.number = snapshots::number_named(value_of(info, "NUMBER"));
    origin.by = value_of(info, "BY") == "sync" ? UploadedBy::sync : UploadedBy::user;
    if (const auto size = whole_number<std::uint64_t>(value_of(info, "SIZE"))) origin.size = Bytes{*size};
    origin.sha256 = medkit::from_hex<medkit::Sha256Digest>(value_of(info, "SHA256"));
    return origin;
}

snapshots::SnapshotInfo without_origin(snapshots::SnapshotInfo info) {
    std::erase_if(info.other, [](const auto& line) { return line.first.starts_with(own_prefix); });
    return info;
}

snapshots::SnapshotInfo with_origin(snapshots::SnapshotInfo info, const Origin& origin) {
    // First: of unknown lines only so many are read.
    std::vector<std::pair<std::string, std::string>> lines;
    const auto add = [&](std::string_view key, std::string value) {
        if (!value.empty()) lines.emplace_back(std::string(own_prefix) + std::string(key), std::move(value));
    };
    add("SYSTEM", origin.system.file_system);
    add("FACTORY", origin.system.factory);
    add("SNAPSHOT", origin.snapshot);
    add("NUMBER", origin.number ? to_text(*origin.number) : std::string());
    add("BY", origin.by == UploadedBy::sync ? "sync" : "user");
    add("SIZE", origin.size ? std::to_string(origin.size->count) : std::string());
    add("SHA256", origin.sha256 ? medkit::to_hex(*origin.sha256) : std::string());
    info = without_origin(std::move(info));
    info.other.insert(info.other.begin(), std::make_move_iterator(lines.begin()),
                      std::make_move_iterator(lines.end()));
    return info;
}

Backup backup_in(const std::vector<RemoteFile>& files, std::string name, std::string_view text) {
    Backup backup{.name = std::move(name), .archive = {}, .info = snapshots::parse_info(text), .origin = {}};
    backup.origin = origin_in(backup.info);
    for (const auto ending : archive_endings) {
        const auto* const file = find(files, backup.name + std::string(ending));
        if (file == nullptr) continue;
        if (!backup.archive.empty()) {
            backup.flaw = "there is a plain and an encrypted archive of this name";
            return backup;
        }
        backup.archive = file->name;
        backup.size = file->size;
    }
    const auto& told = backup.origin.size;
    if (backup.archive.empty())
        backup.flaw = "its archive is missing";
    else if (backup.size && backup.size->count == 0)
        backup.flaw = "its archive is empty";
    else if (told && backup.size && *told != *backup.size)
        backup.flaw = "its archive has " + std::to_string(backup.size->count) + " bytes in place of " +
                      std::to_string(told->count);
    return backup;
}

std::vector<std::string> names_in(const std::vector<RemoteFile>& files) {
    std::vector<std::string> names;
    for (const auto& file : files)
        if (file.name.size() > info_ending.size() && file.name.ends_with(info_ending))
            names.push_back(file.name.substr(0, file.name.size() - info_ending.size()));
    std::ranges::sort(names);
    return names;
}

std::optional<std::string> free_name(const std::vector<RemoteFile>& files, const std::string& wanted,
                                     std::string_view identity) {
    if (!is_taken(files, wanted)) return wanted;
    const auto dash = wanted.rfind('-');
    for (const auto digits : std::array<std::size_t, 3>{8, 16, 32}) {
        if (dash == std::string::npos || identity.size() < digits) break;
        auto name = wanted;
        name.insert(dash, "-" + std::string(identity.substr(0, digits)));
        if (!is_taken(files, name)) return name;
    }
    return std::nullopt;
}

Expected<Backup> backup_named(const std::vector<Backup>& backups, const std::string& word,
                              const SystemId& system) {
    std::vector<const Backup*> meant;
    for (const auto& backup : backups)
        if (backup.name == word) meant.push_back(&backup);
    if (const auto number = snapshots::number_named(word); number && meant.empty())
        for (const auto& backup : backups)
            if (backup.usable() && backup.number() == number) meant.push_back(&backup);
    const auto is_own = [&](const Backup* backup) { return backup->origin.system == system; };
    if (meant.size() > 1 && std::ranges::any_of(meant, is_own))
        std::erase_if(meant, [&](const Backup* backup) { return !is_own(backup); });
    if (meant.empty())
        return fail(ErrorKind::network, "there is no backup " + word, {"schnapps rlist shows their names"});
    if (meant.size() > 1)
        return fail(ErrorKind::network,
                    "more than one backup has the number " + word + ": " + some_names(meant),
                    {"give its name in place of the number"});
    if (!meant.front()->usable())
        return fail(ErrorKind::network, meant.front()->name + " cannot be used: " + meant.front()->flaw);
    return *meant.front();
}

}  // namespace mox::remote
