#include "update/mounted_system.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "snapshots/root_mounts.hpp"
#include "snapshots/top_level.hpp"
#include "storage/drive.hpp"
#include "storage/mount.hpp"
#include "update/card_in_slot.hpp"

namespace mox::update {

namespace {

namespace fs = std::filesystem;

Expected<MountedSystem> mount_at(const storage::Drive& card, const fs::path& folder) {
    auto volume = TRY(system_volume(card));
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) return fail_errno(ErrorKind::internal, folder.native(), failure.value());
    if (TRY(storage::is_mount_point(folder))) {
        const auto top = TRY(snapshots::TopLevel::on_device(volume.node, snapshots::Purpose::read));
        TRY(snapshots::require_root_mounted(top, folder));
    } else {
        TRY(snapshots::mount_root(volume.node, folder), volume.describe());
    }
    return MountedSystem{std::move(volume.node), folder};
}

}  // namespace

Expected<storage::Volume> system_volume(const storage::Drive& card) {
    auto volumes = TRY(storage::volumes_of(card));
    const auto volume = std::ranges::find(volumes, "btrfs", &storage::Volume::filesystem);
    if (volume == volumes.end())
        return fail(ErrorKind::card, card.describe() + " holds no Btrfs, so no system",
                    {"mode 4 puts one there"});
    return std::move(*volume);
}

boost::asio::awaitable<Expected<MountedSystem>> mount_system(Context& context, fs::path folder) {
    auto card = co_await card_in_slot(context);
    if (!card) co_return pass_on(card);
    co_return mount_at(*card, folder);
}

}  // namespace mox::update
