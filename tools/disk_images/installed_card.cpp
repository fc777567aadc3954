#include "disk_images/installed_card.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "disk_images/image_file.hpp"
#include "medkit/archive.hpp"
#include "medkit/digest.hpp"
#include "storage/card.hpp"
#include "storage/loop_device.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"

namespace mox::disk_images {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::card;
constexpr auto schnapps_configuration = "ROOT_DEV='/dev/mmcblk0p1'\n";

Expected<void> unpack(const fs::path& archive, int root, Bytes capacity) {
    auto file = open_file(archive, O_RDONLY, ErrorKind::medkit);
    if (!file) return pass_on(file);
    medkit::ArchiveRules rules;
    rules.capacity = capacity;
    const auto no_progress = [](Bytes, Bytes) {};
    const auto name = archive.filename().string();
    const auto accepted = medkit::inspect_archive(file->get(), name, rules, {}, no_progress);
    if (!accepted) return std::unexpected(accepted.error());
    return medkit::unpack_archive(file->get(), name, root, *accepted, no_progress);
}

Expected<void> configure(const fs::path& root) {
    std::error_code failed;
    fs::create_directories(root / "etc/schnapps", failed);
    if (failed) return fail_errno(kind, "etc/schnapps", failed.value());
    return replace_file_durably(root / "etc/schnapps/config", schnapps_configuration, kind);
}

Expected<void> fill(const storage::Mount& card, const fs::path& medkit, Bytes capacity) {
    const int top = card.root();
    if (auto made = storage::create_subvolume(top, "@"); !made) return made;
    const UniqueFd root(::openat(top, "@", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail_errno(kind, "@");
    if (auto unpacked = unpack(medkit, root.get(), capacity); !unpacked) return unpacked;
    if (auto configured = configure(card.path() / "@"); !configured) return configured;
    if (auto factory = storage::snapshot_subvolume(top, "@", "@factory", storage::Access::read_only);
        !factory)
        return factory;
    if (::symlinkat("@/boot/boot.scr", top, "boot.scr") != 0) return fail_errno(kind, "boot.scr");
    return {};
}

}  // namespace

Expected<void> make_installed_card(const fs::path& image, const fs::path& medkit, Bytes size) {
    if (auto made = make_sparse_image(image, size); !made) return made;
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    auto node = storage::partition_and_format(
        {.node = loop->node(), .role = storage::DriveRole::card, .model = "image", .size = size});
    if (!node) return pass_on(node);
    auto card = storage::mount_card(*node);
    if (!card) return pass_on(card);
    if (auto filled = fill(*card, medkit, size); !filled) return pass_on(filled, image.string());
    if (auto unmounted = card->unmount(); !unmounted) return pass_on(unmounted);
    return loop->detach();
}

Expected<void> copy_installed_card(const fs::path& image, const fs::path& medkit, const fs::path& cache) {
    const auto digest = digest_of_image(medkit);
    if (!digest) return std::unexpected(digest.error());
    const auto kept = cache / ("installed-" + medkit::to_hex(*digest).substr(0, 16) + ".img");
    std::error_code failed;
    if (!fs::exists(kept, failed)) {
        fs::create_directories(cache, failed);
        if (failed) return fail_errno(kind, cache.string(), failed.value());
        // Another process may do the same: each makes its own file, and the last one stays.
        const auto unfinished = cache / ("unfinished-" + std::to_string(::getpid()) + ".img");
        if (auto made = make_installed_card(unfinished, medkit); !made) return made;
        fs::rename(unfinished, kept, failed);
        if (failed) return fail_errno(kind, kept.string(), failed.value());
    }
    return copy_image(kept, image);
}

}  // namespace mox::disk_images
