#include "snapshots/deletion.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "snapshots/description.hpp"
#include "snapshots/quota.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/stored_info.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

using namespace unit_literals;

/// Below this free space for data or metadata, a deletion waits until its space is free.
constexpr Bytes nearly_full = 16_MiB;

Expected<void> delete_at(int directory, Number number) {
    const auto away = deleted_name(number);
    const auto renamed = rename_entry(directory, subvolume_of(number), away);
    if (!renamed && !is_full(renamed.error())) return renamed;
    // In place: a rename needs free space, a deletion may use the kernel's reserve.
    if (!renamed) TRY(storage::delete_subvolume(directory, subvolume_of(number)));
    TRY(remove_file(directory, info_file_of(number)));
    return renamed ? storage::delete_subvolume(directory, away) : Expected<void>();
}

Expected<void> delete_within_quota(const TopLevel& top, Number number) {
    auto deleted = delete_at(top.directory(), number);
    if (deleted || deleted.error().reason() != EDQUOT) return deleted;
    const auto lifted = TRY(LiftedQuotaLimits::lift(top));
    return delete_at(top.directory(), number);
}

bool is_nearly_full(int directory) {
    const auto space = storage::btrfs_space(directory);
    return space && (space->data + space->unallocated < nearly_full ||
                     space->metadata + space->unallocated < nearly_full);
}

}  // namespace

Expected<void> delete_subvolume_and_info(const TopLevel& top, Number number) {
    // Before it gets another name, and before its info file is gone.
    TRY(storage::require_not_mounted(top.directory(), subvolume_of(number), "it"));
    TRY(delete_within_quota(top, number));
    if (!is_nearly_full(top.directory())) return {};
    return storage::wait_for_freed_space(top.directory());
}

namespace {

/// A message with more names is too long; Docker has hundreds of subvolumes.
constexpr std::size_t most_named = 8;

}  // namespace

Expected<std::vector<std::string>> nested_names(const TopLevel& top, const std::string& name) {
    auto names = storage::nested_subvolumes(top.directory(), name);
    if (!names) return names;
    for (auto& one : *names) one = escaped_for_display(one);
    return names;
}

std::string nested_text(const std::vector<std::string>& names) {
    std::string text = names.size() == 1 ? "a subvolume of its own ("
                                         : std::to_string(names.size()) + " subvolumes of their own (";
    const auto named = std::min(names.size(), most_named);
    for (std::size_t i = 0; i < named; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (named < names.size()) text += " and " + std::to_string(names.size() - named) + " more";
    return text + ")";
}

}  // namespace mox::snapshots
