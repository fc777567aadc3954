#include "support/small_reflash.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

void check(int result, const std::string& what) {
    if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

void make_small_tree(const fs::path& root, const std::string& version) {
    write_file(root / "etc/turris-version", version + "\n");
    write_file(root / "boot/Image", std::string(40'000, version.front()));
    write_file(root / "boot/armada-3720-turris-mox.dtb", "dtb of " + version);
    write_file(root / "boot/boot.scr", "script of " + version);
    write_file(root / "bin/busybox", std::string(9'000, 'b') + version);
    fs::create_hard_link(root / "bin/busybox", root / "bin/ash");
    fs::create_symlink("busybox", root / "bin/sh");
    for (int i = 0; i < 10; ++i)
        write_file(root / "usr/lib" / ("file" + std::to_string(i)),
                   version + std::string(static_cast<std::size_t>(i) * 700, 'x'));
    write_file(root / "etc/shadow", "root::0:0:99999:7:::\n");
    fs::permissions(root / "etc/shadow", static_cast<fs::perms>(0600));
    check(::chown((root / "usr/lib/file3").c_str(), 1000, 100), "chown");
    // Installation writes into these.
    fs::create_directories(root / "etc/schnapps/rollback.d");
    fs::create_directories(root / "var/log");
    check(::mkdir((root / "dev").c_str(), 0755), "dev");
    check(::mknod((root / "dev/console").c_str(), S_IFCHR | 0600, makedev(5, 1)), "dev/console");
    check(::setxattr((root / "usr/lib/file4").c_str(), "user.origin", "test", 4, 0), "setxattr");
    check(::mkdir((root / "tmp").c_str(), 0755), "tmp");
    fs::permissions(root / "tmp", static_cast<fs::perms>(01777));
}

void make_small_card(const fs::path& image) {
    make_disk(image, card_size, Table::dos);
    make_filesystem(image, Table::dos, "btrfs");
    const MountedImage card(image, partition_start, "btrfs");
    run({"btrfs", "-q", "subvolume", "create", (card / "@").native()});
    make_small_tree(card / "@", small_old_version);
    fs::create_symlink("@/boot/boot.scr", card / "boot.scr");
    const auto snapshot = [&](const std::string& name) {
        run({"btrfs", "-q", "subvolume", "snapshot", "-r", (card / "@").native(), (card / name).native()});
    };
    snapshot("@factory");
    for (const std::string number : {"1", "2"}) {
        write_file(card / ("@/root/diary" + number), "day " + number + "\n");
        snapshot("@" + number);
        write_file(card / (number + ".info"), "TYPE=\"single\"\nDESCRIPTION=\"mine\"\n");
    }
    run({"btrfs", "-q", "subvolume", "create", (card / "containers").native()});
    write_file(card / "containers/data", "of another program\n");
}

}  // namespace

SmallReflash::SmallReflash()
    : card_(folder_ / "small-card.img"), stick_(folder_ / "small-stick.img"), keys_(folder_ / "keys") {
    fs::create_directories(keys_);
    const auto workshop_image = folder_ / "workshop.img";
    make_disk(workshop_image, Bytes{256ULL << 20}, Table::none);
    make_filesystem(workshop_image, Table::none, "ext4");
    {
        const MountedImage workshop(workshop_image, 0, "ext4");
        make_small_tree(workshop / "tree", small_new_version);
        fs::create_directories(workshop / "content");
        const auto medkit = workshop / "content/mox-medkit-latest.tar.gz";
        pack_with_tar(workshop / "tree", medkit);
        write_sha256_beside(medkit);
        new_system_ = describe_medkit(medkit, workshop.path());
        make_disk(stick_, Bytes{64ULL << 20}, Table::dos);
        make_filesystem(stick_, Table::dos, "ext4", workshop / "content");
    }
    fs::remove(workshop_image);
    make_small_card(card_);
}

void SmallReflash::put_card(const fs::path& image) const {
    copy_sparse(card_, image);
}

std::vector<std::string> SmallReflash::command(const fs::path& program, const std::string& mode,
                                               const fs::path& card, const fs::path& stick,
                                               const std::vector<std::string>& environment) const {
    std::vector<std::string> argv;
    if (!environment.empty()) argv.emplace_back("env");
    argv.insert(argv.end(), environment.begin(), environment.end());
    argv.insert(argv.end(),
                {program.native(), "run", mode, "--yes", "--keys", keys_.native(), "--card", card.native()});
    if (mode == "4") argv.insert(argv.end(), {"--drive", stick.native()});
    return argv;
}

ChildResult SmallReflash::run_mode(const fs::path& program, const std::string& mode, const fs::path& card,
                                   const fs::path& stick, const std::vector<std::string>& environment) const {
    auto result = run_child(command(program, mode, card, stick, environment), std::chrono::minutes(5));
    if (!result) throw std::runtime_error(result.error().describe());
    return std::move(*result);
}

}  // namespace mox::test_support
