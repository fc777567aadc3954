#include "update/mounted_system.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "snapshots/snapshot.hpp"
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
    if (failure) return fail(ErrorKind::internal, folder.native() + ": " + failure.message());
    if (TRY(storage::is_mount_point(folder))) return MountedSystem{std::move(volume.node), folder};

    const auto options = "subvol=" + std::string(snapshots::root_name);
    if (::mount(volume.node.c_str(), folder.c_str(), "btrfs", MS_NOATIME, options.c_str()) != 0)
        return fail_errno(ErrorKind::card, volume.describe() + " cannot be mounted");
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
