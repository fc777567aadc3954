#include "board/demo_card.hpp"

#include <fstream>
#include <stdexcept>

#include "board/play.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"

namespace mox::board_test {

namespace fs = std::filesystem;
using test_support::run;
using test_support::write_file;

namespace {

constexpr auto medkit_name = "mox-medkit-202611220000.tar.gz";

void snapshot(const fs::path& from, const fs::path& to) {
    run({"btrfs", "-q", "subvolume", "snapshot", from.native(), to.native()});
}

void fill(const fs::path& top) {
    const auto root = top / "@";
    run({"btrfs", "-q", "subvolume", "create", root.native()});
    run({"tar", "-C", root.native(), "--numeric-owner", "-xpzf", demo_medkit().native()});
    fs::create_symlink("@/boot/boot.scr", top / "boot.scr");
    write_file(root / "etc/schnapps/config", "ROOT_DEV='/dev/mmcblk0p1'\n");
    run({"btrfs", "-q", "subvolume", "snapshot", "-r", root.native(), (top / "@factory").native()});

    write_file(root / "etc/turris-version", std::string(old_version) + "\n");
    write_file(root / diary, "before\n");
    snapshot(root, top / "@1");
    write_file(top / "1.info",
               "TYPE=\"single\"\nDESCRIPTION=\"before\"\nCREATED=\"2026-11-22 15:24:44 +0000\"\n");
    write_file(root / diary, "after\n");
}

}  // namespace

fs::path demo_medkit() {
    return must(virtual_mox::built_file(built, std::string("medkit/") + medkit_name));
}

std::string demo_key() {
    std::ifstream file(must(virtual_mox::built_file(built, "medkit-key.pub")));
    std::string comment;
    std::string key;
    if (!std::getline(file, comment) || !std::getline(file, key))
        throw std::runtime_error("medkit-key.pub holds no key");
    return key;
}

void make_demo_card(const fs::path& image) {
    fs::remove(image);
    test_support::make_disk(image, card_size, test_support::Table::dos);
    test_support::make_filesystem(image, test_support::Table::dos, "btrfs");
    const test_support::MountedImage card(image, test_support::partition_start, "btrfs");
    fill(card.path());
}

std::string demo_description(const fs::path& work) {
    return test_support::describe_medkit(demo_medkit(), work);
}

}  // namespace mox::board_test
