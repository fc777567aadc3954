#include "disk_images/open_card.hpp"

#include <system_error>

#include "base/file.hpp"
#include "storage/drive.hpp"

namespace mox::disk_images {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::card;

Expected<storage::Volume> system_volume(const storage::LoopDevice& loop, const fs::path& image) {
    std::error_code failed;
    const auto size = fs::file_size(image, failed);
    if (failed) return fail_errno(kind, image.string(), failed.value());
    auto volumes = storage::volumes_of({.node = loop.node(),
                                        .role = storage::DriveRole::card,
                                        .model = image.filename(),
                                        .size = Bytes{size}});
    if (!volumes) return pass_on(volumes);
    for (const auto& volume : *volumes)
        if (volume.filesystem == "btrfs") return volume;
    return fail(kind, "there is no btrfs on " + image.string());
}

}  // namespace

Expected<OpenCard> OpenCard::look(const fs::path& image) {
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    const auto volume = system_volume(*loop, image);
    if (!volume) return std::unexpected(volume.error());
    auto mount = storage::mount_source(*volume);
    if (!mount) return std::unexpected(std::move(mount).error().as(kind));
    return OpenCard(std::move(*loop), std::move(*mount));
}

Expected<OpenCard> OpenCard::change(const fs::path& image) {
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    const auto volume = system_volume(*loop, image);
    if (!volume) return std::unexpected(volume.error());
    auto mount = storage::mount_card(volume->node);
    if (!mount) return pass_on(mount);
    return OpenCard(std::move(*loop), std::move(*mount));
}

Expected<std::string> OpenCard::read(const fs::path& path) const {
    return read_small_file(root() / path, kind);
}

Expected<void> OpenCard::close() {
    if (auto unmounted = mount_.unmount(); !unmounted) return pass_on(unmounted);
    return loop_.detach();
}

}  // namespace mox::disk_images
