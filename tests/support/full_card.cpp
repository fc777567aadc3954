#include "support/full_card.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>
#include <stdexcept>
#include <system_error>

#include "base/file.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/top_level.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;
using snapshots::SnapshotType;

std::string incompressible(std::size_t length, unsigned seed) {
    std::mt19937 random(seed);
    std::string bytes(length, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

bool is_full(int reason) {
    return reason == ENOSPC || reason == EDQUOT;
}

void require_full(const fs::path& what) {
    if (!is_full(errno)) throw std::system_error(errno, std::generic_category(), what);
}

void install(const fs::path& root, const std::string& version, unsigned seed) {
    write_file(root / "etc/version", version);
    write_file(root / "etc/config/network", "config interface '" + version + "'\n");
    write_file(root / "usr/bin/program", incompressible(700 << 10, seed));
    for (unsigned i = 0; i < 20; ++i)
        write_file(root / ("etc/config/file" + std::to_string(i)),
                   version + std::string(std::size_t{i} * 97, '.'));
}

SnapshotType type_of(unsigned number, const FullCard& how) {
    constexpr std::array types{SnapshotType::time, SnapshotType::pre, SnapshotType::post,
                               SnapshotType::single, SnapshotType::rollback};
    if (how.only_by_hand) return SnapshotType::single;
    if (number == how.snapshots) return SnapshotType::time;
    return types.at((number - 1) % types.size());
}

void make_snapshots(const WritableMount& card, const FullCard& how) {
    using storage::Access;
    must(storage::create_subvolume(card.root(), "@"));
    if (how.compressed)
        run({"btrfs", "property", "set", "-t", "inode", (card / "@").native(), "compression", "zstd"});
    install(card / "@", "factory", 1000);
    must(storage::snapshot_subvolume(card.root(), "@", "@factory", Access::read_only));
    for (unsigned number = 1; number <= how.snapshots; ++number) {
        const auto name = std::to_string(number);
        install(card / "@", name, number);
        must(storage::snapshot_subvolume(card.root(), "@", "@" + name, Access::read_only));
        write_file(card / (name + ".info"), "TYPE=\"" + std::string(name_of(type_of(number, how))) +
                                                "\"\nDESCRIPTION=\"number " + name +
                                                "\"\nCREATED=\"2026-10-01 12:00:00 +0000\"\n");
    }
    install(card / "@", "now", 2000);
    for (const auto* log : {"0001-rollback.log", "0002-reflash.log", "0003-reflash.log"})
        write_file(card / "@/var/log/mox-rescue" / log, std::string(100, 'l'));
}

/// Sets attributes of that size on new files until there is no room for one.
void fill_with_attributes(const fs::path& folder, std::size_t size) {
    const std::string value(size, 'x');
    for (int file = 0;; ++file) {
        const auto path = folder / ("a" + std::to_string(size) + "-" + std::to_string(file));
        const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        if (!fd) return require_full(path);
        for (int i = 0; i < 100; ++i)
            if (::fsetxattr(fd.get(), ("user." + std::to_string(i)).c_str(), value.data(), value.size(), 0) !=
                0)
                return require_full(path);
    }
}

void fill_with_links(const fs::path& folder) {
    for (int i = 0;; ++i) {
        const auto path = folder / ("l" + std::to_string(i));
        if (::symlink("x", path.c_str()) != 0) return require_full(path);
    }
}

/// Fills `folder` with files and deletes every second one: the block groups stay what they are, half empty.
void fill_with_data_and_holes(const fs::path& folder) {
    const auto path = [&](int file) { return folder / std::to_string(file); };
    fs::create_directories(folder);
    int files = 0;
    for (bool has_room = true; has_room; ++files) {
        const auto bytes = incompressible(1 << 20, 5000U + static_cast<unsigned>(files));
        errno = 0;
        const UniqueFd file(::open(path(files).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        has_room = file &&
                   ::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
                   ::fsync(file.get()) == 0;
        if (!has_room && errno != 0) require_full(path(files));
    }
    for (int file = 0; file < files; file += 2) fs::remove(path(file));
}

}  // namespace

std::string to_text(const FullCard& card) {
    constexpr std::array filled{"full of data", "full of metadata", "full of both"};
    return to_text(card.size) + ", " + std::to_string(card.snapshots) + " snapshots, " +
           filled.at(static_cast<std::size_t>(card.filled)) + (card.quota ? ", quota" : "") +
           (card.compressed ? ", compressed" : "") + (card.mixed ? ", mixed" : "") +
           (card.only_by_hand ? ", made by hand" : "");
}

void fill_with_data(const fs::path& folder) {
    const auto path = folder / "fill";
    const auto file = must(open_file(path, O_WRONLY | O_CREAT, ErrorKind::internal));
    unsigned seed = 0;
    for (std::size_t piece = 4 << 20; piece >= 1024; piece /= 2) {
        const auto bytes = incompressible(piece, ++seed);
        errno = 0;
        while (::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
        }
        if (errno != 0) require_full(path);
    }
}

void fill_with_metadata(const fs::path& folder) {
    std::error_code full;
    fs::create_directories(folder / "many", full);
    if (full) return;
    // Each round finds what the kernel's own reserve has given back.
    for (const std::size_t size : {3000U, 400U, 30U}) {
        fill_with_attributes(folder / "many", size);
        [[maybe_unused]] const auto synced = storage::sync_filesystem(
            must(open_file(folder, O_RDONLY | O_DIRECTORY, ErrorKind::internal)).get());
    }
    fill_with_links(folder / "many");
}

void make_full_card(const fs::path& node, const FullCard& how) {
    std::vector<std::string> mkfs{"mkfs.btrfs", "-q", "-f"};
    if (how.mixed) mkfs.emplace_back("-M");
    mkfs.push_back(node.native());
    run(mkfs);
    const WritableMount mount(node, "btrfs");
    make_snapshots(mount, how);
    must(storage::sync_filesystem(mount.root()));
    if (how.quota) {
        run({"btrfs", "quota", "enable", mount.path().native()});
        run({"btrfs", "quota", "rescan", "-w", mount.path().native()});
    }
    const auto srv = mount / "@/srv";
    fs::create_directories(srv);
    if (how.filled == FilledWith::metadata)
        fill_with_data_and_holes(srv / "films");
    else
        fill_with_data(srv);
    if (how.filled != FilledWith::data) fill_with_metadata(srv);
    must(storage::sync_filesystem(mount.root()));
}

void give_metadata_back(const fs::path& folder, Bytes wanted) {
    const auto top = must(open_file(folder, O_RDONLY | O_DIRECTORY, ErrorKind::internal));
    const auto is_enough = [&] {
        must(storage::sync_filesystem(top.get()));
        return must(storage::btrfs_space(top.get())).for_metadata() >= wanted;
    };
    for (const auto& file : fs::directory_iterator(folder / "many")) {
        if (is_enough()) return;
        fs::remove(file);
    }
    throw std::runtime_error(folder.native() + ": too little metadata to give back");
}

CardContent content_of(const fs::path& node) {
    CardContent content;
    const auto top = must(snapshots::TopLevel::on_device(node, snapshots::Purpose::read));
    const auto version = [&](const std::string& name) {
        return read_file(top.path() / name / "etc/version");
    };
    for (const auto* name : {"@", "@factory"}) content[name] = version(name);
    for (const auto& one : must(snapshots::list_snapshots(top))) {
        const auto name = subvolume_of(one.number);
        content[name] = version(name) + " " + std::string(name_of(one.type));
    }
    return content;
}

}  // namespace mox::test_support
