// A router of a fork: the hardware of a MOX with a device tree of its own, in which nothing is called as on a
// MOX, and one file in the image that describes it (docs/boards.md).

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/child_process.hpp"
#include "base/text.hpp"
#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "boot/restart_marker.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;
using test_support::run;
using test_support::write_file;

constexpr auto board_file = R"(LIKE=cznic,turris-mox
NAME='Own Box'
COMPATIBLE=example,own-box
LEDS=box:green:status
BUTTON_KEYS=148
MEDKIT_PREFIX=own-box
BOOT_FILES='boot/Image boot/own-box.dtb boot/own-box.scr'
BOOT_SCRIPT=boot/own-box.scr
ENVIRONMENT_PARTITION=settings
RESCUE_PARTITION=rescue
LARGEST_RESCUE_IMAGE=6291456
SIGNATURES_REQUIRED=yes
)";

/// An entry of an initramfs (Linux: driver-api/early-userspace/buffer-format.rst, "newc"): thirteen numbers
/// of eight hexadecimal digits, the name and the content, both filled up to a multiple of four.
std::string cpio_entry(const std::string& name, unsigned mode, const std::string& content) {
    std::string entry = "070701";
    const auto add = [&](std::size_t number) {
        char digits[9];
        static_cast<void>(std::snprintf(digits, sizeof digits, "%08X", static_cast<unsigned>(number)));
        entry += digits;
    };
    add(0);  // inode
    add(mode);
    for (const unsigned owner_links_time : {0U, 0U, 1U, 0U}) add(owner_links_time);
    add(content.size());
    for (const unsigned device : {0U, 0U, 0U, 0U}) add(device);
    add(name.size() + 1);
    add(0);  // no checksum
    const auto fill = [&] { entry.resize((entry.size() + 3) / 4 * 4, '\0'); };
    entry += name + '\0';
    fill();
    entry += content;
    fill();
    return entry;
}

class OwnBoard : public RescueBoard {
protected:
    /// A board whose image has `text` as its only board file.
    void assemble_own_board(const std::string& text) {
        auto start = rescue_start();
        start.device_tree = own_device_tree();
        start.initramfs = initramfs_with(text);
        exact_time = true;
        assemble_with(std::move(start));
        put_in_card_with_other_system();
    }

    /// A small system under the fork's names, signed with the demo's key, and the demo's own medkit.
    void plug_in_stick_with_both_medkits() {
        const auto content = folder / "content";
        fs::copy(demo_medkit().parent_path(), content);
        const auto tree = folder / "own-system";
        test_support::make_system_tree(tree, "1.0", 5);
        fs::remove(tree / "boot/armada-3720-turris-mox.dtb");
        write_file(tree / "boot/own-box.dtb", "a device tree");
        fs::rename(tree / "boot/boot.scr", tree / "boot/own-box.scr");
        own_medkit = content / "own-box-medkit-latest.tar.gz";
        test_support::pack_with_tar(tree, own_medkit);
        run({"signify-openbsd", "-S", "-s", demo_secret_key().native(), "-m", own_medkit.native(), "-x",
             own_medkit.native() + ".sig"});
        plug_in_stick_with(content);
    }

    fs::path own_medkit;

private:
    fs::path own_device_tree() {
        auto tree = folder / "own-box.dtb";
        fs::copy_file(must(virtual_mox::built_file(built, "armada-3720-turris-mox.dtb")), tree);
        const auto set = [&](const char* node, const char* property, std::vector<std::string> values,
                             const char* type = "s") {
            std::vector<std::string> argv{"fdtput", "-t", type, tree.native(), node, property};
            argv.insert(argv.end(), values.begin(), values.end());
            run(argv);
        };
        const auto flash = child_of(tree, "/soc/internal-regs@d0000000", "spi@") + "/flash@0/partitions";
        set("/", "compatible", {"example,own-box", "marvell,armada3720"});
        set(child_of(tree, "/leds", "").c_str(), "label", {"box:green:status"});
        set(child_of(tree, "/gpio-keys", "").c_str(), "linux,code", {"148"}, "u");
        set(child_of(tree, flash, "partition@180000").c_str(), "label", {"settings"});
        set(child_of(tree, flash, "partition@190000").c_str(), "label", {"rescue"});
        set(child_of(tree, flash, "partition@190000").c_str(), "reg", {"190000", "600000"}, "x");
        return tree;
    }

    static std::string child_of(const fs::path& tree, const std::string& node, std::string_view start) {
        const auto listing = must(run_child({"fdtget", "-l", tree.native(), node}, 10s)).output;
        std::string_view names = listing;
        while (!names.empty())
            if (const auto name = take_line(names); name.starts_with(start))
                return node + "/" + std::string(name);
        throw std::runtime_error(node + " has no " + std::string(start));
    }

    /// The shipped initramfs and, as a second archive behind it, the board file: the kernel unpacks both.
    fs::path initramfs_with(const std::string& text) {
        auto archive = test_support::read_file(rescue_start().initramfs);
        archive += cpio_entry("etc/mox-rescue/boards", S_IFDIR | 0755, "");
        archive += cpio_entry("etc/mox-rescue/boards/own-box.conf", S_IFREG | 0644, text);
        archive += cpio_entry("TRAILER!!!", 0, "");
        auto file = folder / "initramfs.cpio";
        write_file(file, archive);
        return file;
    }
};

TEST_F(OwnBoard, IsRescuedByItsOwnMedkitThroughItsOwnButtonAndLed) {
    assemble_own_board(board_file);
    plug_in_stick_with_both_medkits();
    act([&]() -> Play {
        must(co_await board().power_on());
        virtual_mox::LedWatch watch(board());
        const led_decoder::UserModel person{.wanted_mode = 4, .missed_mode = 0};
        static_cast<void>(must(co_await virtual_mox::choose_mode(board(), watch, person)));
        co_await sees("executing mode 4");
        co_await mode_ends_and_board_loses_power(4);
    });
    EXPECT_TRUE(shown(console(), "does not begin with own-box-medkit")) << "of the MOX's medkit";
    EXPECT_FALSE(shown(console(), "no known board"));
    EXPECT_GT(board().led_edges().end() - board().led_edges().begin(), 12) << "four modes were announced";
    EXPECT_FALSE(environment().contains("bootcmd") && environment().at("bootcmd").contains("force_mode"))
        << environment().at("bootcmd");
    const test_support::MountedImage mounted(card, test_support::partition_start, "btrfs");
    EXPECT_EQ(test_support::read_file(mounted / "@/etc/turris-version"), "1.0\n");
    EXPECT_TRUE(fs::exists(mounted / "@/boot/own-box.dtb"));
    EXPECT_EQ(fs::read_symlink(mounted / "boot.scr"), "@/boot/own-box.scr");
}

// A router must start with whatever its image holds; its owner is told.
TEST_F(OwnBoard, WithAWrongFileStartsAsAMoxAndSaysWhatIsWrong) {
    assemble_own_board("LIKE=cznic,turris-mox\nCOMPATIBLE=example,own-box\nLED=box:green:status\n");
    act([&]() -> Play {
        must(co_await board().power_on());
        co_await sees("/etc/mox-rescue/boards/own-box.conf: LED: there is no such key");
        co_await sees("because of that file signed medkits only are installed");
        co_await sees("selecting a mode");
    });
}

}  // namespace
}  // namespace mox::board_test
