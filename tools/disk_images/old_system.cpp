#include "disk_images/old_system.hpp"

#include <fcntl.h>

#include <cstdint>

#include "base/file.hpp"
#include "disk_images/image_file.hpp"
#include "storage/card.hpp"
#include "storage/loop_device.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"

namespace mox::disk_images {

namespace {

constexpr auto card_error = ErrorKind::card;
constexpr int photos = 40;
constexpr std::size_t photo_size = 256 << 10;

Expected<void> write_file(const std::filesystem::path& path, std::string_view content) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) return fail_errno(card_error, path.parent_path().string(), failed.value());
    auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, card_error);
    if (!file) return pass_on(file);
    return write_all(file->get(), content, path.string(), card_error);
}

/// Bytes that do not compress, the same in each run.
std::string noise(std::size_t size, std::uint64_t seed) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX
        byte = static_cast<char>(seed >> 56);
    }
    return bytes;
}

std::string snapshot_info(std::string_view description) {
    return "TYPE=\"single\"\nDESCRIPTION=\"" + std::string(description) +
           "\"\nCREATED=\"2021-03-14 15:09:26 +0000\"\n";
}

/// The system of the factory.
Expected<void> fill_root(const std::filesystem::path& root, const OldSystem& old) {
    struct File {
        const char* path;
        std::string content;
    };
    const File files[] = {
        {"etc/turris-version", old.version + "\n"},
        {"etc/config/network", "config interface 'lan'\n\toption ipaddr '192.168.1.1'\n"},
        {"boot/Image", noise(8 << 20, 1)},
        {"boot/armada-3720-turris-mox.dtb", noise(20 << 10, 2)},
        {"boot/boot.scr", noise(1 << 10, 3)},
    };
    for (const auto& file : files) {
        if (auto written = write_file(root / file.path, file.content); !written) return pass_on(written);
    }
    return {};
}

Expected<void> add_user_files(const std::filesystem::path& root, const OldSystem& old) {
    std::uint64_t seed = 100;
    for (const auto& path : old.user_files) {
        if (auto written = write_file(root / path, noise(photo_size, ++seed)); !written)
            return pass_on(written);
    }
    return {};
}

OldSystem describe_old_system() {
    OldSystem old{.version = "5.1.9",
                  .subvolumes = {"@1", "@2"},
                  .user_files = {"root/.ssh/authorized_keys"},
                  .top_level_files = {"1.info", "2.info"}};
    for (int i = 1; i <= photos; ++i)
        old.user_files.emplace_back("srv/photos/holiday-" + std::to_string(i) + ".jpg");
    return old;
}

Expected<void> fill_card(const storage::Mount& card, const OldSystem& old) {
    const int top = card.root();
    if (auto made = storage::create_subvolume(top, "@"); !made) return pass_on(made);
    if (auto filled = fill_root(card.path() / "@", old); !filled) return pass_on(filled);
    auto factory = storage::snapshot_subvolume(top, "@", "@factory", storage::Access::read_only);
    if (!factory) return pass_on(factory);
    if (auto added = add_user_files(card.path() / "@", old); !added) return pass_on(added);
    for (const auto& name : old.subvolumes) {
        auto snapshot = storage::snapshot_subvolume(top, "@", name, storage::Access::writable);
        if (!snapshot) return pass_on(snapshot);
    }
    for (const auto& name : old.top_level_files) {
        if (auto written = write_file(card.path() / name, snapshot_info("before an update")); !written)
            return pass_on(written);
    }
    std::error_code failed;
    std::filesystem::create_symlink("@/boot/boot.scr", card.path() / "boot.scr", failed);
    if (failed) return fail_errno(card_error, "boot.scr", failed.value());
    return {};
}

}  // namespace

Expected<OldSystem> make_old_card(const std::filesystem::path& image) {
    auto old = describe_old_system();
    if (auto made = make_sparse_image(image, card_size); !made) return pass_on(made);
    auto loop = storage::LoopDevice::attach(image);
    if (!loop) return pass_on(loop);
    auto node = storage::partition_and_format(
        {.node = loop->node(), .role = storage::DriveRole::card, .model = "image", .size = card_size});
    if (!node) return pass_on(node);
    auto card = storage::mount_card(*node);
    if (!card) return pass_on(card);
    if (auto filled = fill_card(*card, old); !filled) return pass_on(filled, "card image");
    if (auto unmounted = card->unmount(); !unmounted) return pass_on(unmounted);
    if (auto detached = loop->detach(); !detached) return pass_on(detached);
    return old;
}

}  // namespace mox::disk_images
