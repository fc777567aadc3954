#include "panel/server/broken_system.hpp"

#include <cerrno>
#include <string>

#include "disk_images/open_card.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/stored_info.hpp"
#include "storage/subvolume.hpp"

namespace mox::virtual_mox::panel {

namespace {

constexpr auto kind = ErrorKind::card;
constexpr snapshots::Number before_update{1};
constexpr auto lost_file = "boot/Image";

snapshots::SnapshotInfo info() {
    snapshots::SnapshotInfo info;
    info.type = snapshots::SnapshotType::pre;
    info.description = "Automatic pre-update snapshot";
    info.created = snapshots::created_now();
    return info;
}

}  // namespace

Expected<void> break_system(const std::filesystem::path& image) {
    auto card = disk_images::OpenCard::change(image);
    if (!card) return pass_on(card);
    const int top = card->top_directory();
    const auto name = snapshots::subvolume_of(before_update);
    if (auto kept = storage::snapshot_subvolume(top, snapshots::root_name, name, storage::Access::writable);
        !kept)
        return kept;
    if (auto written = snapshots::write_info(top, before_update, info()); !written) return written;
    std::error_code failed;
    if (!std::filesystem::remove(card->root() / lost_file, failed))
        return fail_errno(kind, lost_file, failed ? failed.value() : ENOENT);
    return card->close();
}

}  // namespace mox::virtual_mox::panel
