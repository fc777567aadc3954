#include "panel/server/card_inspection.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.hpp"
#include "disk_images/open_card.hpp"
#include "snapshots/description.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/tree_walk.hpp"
#include "storage/installed_file.hpp"
#include "storage/subvolume.hpp"

namespace mox::virtual_mox::panel {

namespace {

constexpr auto kind = ErrorKind::card;
constexpr auto version_folder = "etc";
constexpr auto version_file = "turris-version";
constexpr auto log_folder = "var/log/mox-rescue";
constexpr Bytes longest_version{256};
constexpr std::size_t most_logs = 100;

SubvolumeSeen subvolume_seen(int top, const std::string& name) {
    using Kind = SubvolumeSeen::Kind;
    SubvolumeSeen seen;
    seen.name = snapshots::escaped_for_display(name);
    if (name == snapshots::root_name) seen.kind = Kind::root;
    if (name == snapshots::factory_name) seen.kind = Kind::factory;
    const auto number = snapshots::number_of_subvolume(name);
    if (!number) return seen;
    const auto info = snapshots::read_info(top, *number);
    seen.kind = Kind::snapshot;
    seen.number = number->value;
    seen.type = snapshots::name_of(info.type);
    seen.description = snapshots::escaped_for_display(info.description);
    seen.created = snapshots::escaped_for_display(info.created);
    return seen;
}

/// A system without that file has no version.
std::string version_of(int root) {
    const auto folder =
        storage::open_installed_directory(root, version_folder, storage::Missing::is_an_error);
    if (!folder) return "";
    const UniqueFd file(
        ::openat(folder->get(), version_file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return "";
    const auto text = read_to_end(file.get(), version_file, kind, longest_version);
    return text ? snapshots::escaped_for_display(text->substr(0, text->find('\n'))) : "";
}

/// Empty if no rescue has run.
std::vector<std::string> logs_of(int root) {
    const auto folder = storage::open_installed_directory(root, log_folder, storage::Missing::is_an_error);
    if (!folder) return {};
    auto names = snapshots::names_in(folder->get());
    if (!names) return {};
    std::ranges::sort(*names);
    if (names->size() > most_logs) names->resize(most_logs);
    for (auto& name : *names) name = snapshots::escaped_for_display(name);
    return *std::move(names);
}

Expected<CardContentSeen> content_of(int top) {
    auto names = storage::subvolumes_in(top);
    if (!names) return pass_on(names);
    CardContentSeen seen;
    for (const auto& name : *names) seen.subvolumes.push_back(subvolume_seen(top, name));
    std::ranges::stable_sort(seen.subvolumes, {}, [](const SubvolumeSeen& subvolume) {
        return std::pair(subvolume.kind, subvolume.number);
    });
    const UniqueFd root(::openat(top, "@", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return seen;
    seen.version = version_of(root.get());
    seen.log = logs_of(root.get());
    return seen;
}

}  // namespace

Expected<CardContentSeen> look_at_card(const std::filesystem::path& image) {
    auto card = disk_images::OpenCard::look(image);
    if (!card) return std::unexpected(std::move(card).error().as(kind));
    auto seen = content_of(card->top_directory());
    if (auto closed = card->close(); !closed) return std::unexpected(closed.error());
    return seen;
}

}  // namespace mox::virtual_mox::panel
