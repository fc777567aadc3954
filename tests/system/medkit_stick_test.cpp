// `medkit stick` on loop devices: what it refuses, what it leaves alone, and that mode 4 finds the medkit.

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/unique_fd.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"
#include "support/storage_daemon.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Bytes stick_size{96 << 20};
constexpr auto name = "mox-medkit-latest.tar.gz";

class Stick : public testing::Test {
protected:
    std::vector<std::string> command(const fs::path& target, const std::vector<std::string>& more) const {
        std::vector<std::string> argv{MEDKIT_PROGRAM, "stick", "--keys", table_.keys(), target};
        argv.insert(argv.end(), more.begin(), more.end());
        return argv;
    }

    /// Puts the medkit onto it without asking, as onto a loop device.
    ChildResult put(const fs::path& target, const std::vector<std::string>& more = {}) const {
        auto words = more;
        words.insert(words.end(), {"--fixed-disk", "--yes", table_.medkit()});
        return must(run_child(command(target, words), 90s));
    }

    void expect_refused(const ChildResult& result, const std::string& words) const {
        EXPECT_EQ(result.exit_status, 2) << result.output;
        EXPECT_TRUE(result.output.contains(words)) << "expected: " << words << "\n" << result.output;
    }

    /// An unpartitioned stick with a file of its owner.
    void make_stick(const std::string& type) const {
        make_disk(image_, stick_size, Table::none);
        const LoopImage stick(image_);
        format(stick.node(), type);
        const WritableMount mount(stick.node(), type);
        write_file(mount / "photos/holiday.jpg", "a photo");
    }

    void expect_whole_medkit(const fs::path& directory) const {
        for (const auto* ending : {"", ".sig", ".sha256"})
            EXPECT_TRUE(read_file(directory / (name + std::string(ending))) ==
                        read_file(table_.medkit().native() + ending))
                << ending;
    }

    /// Kernels of build machines may have no driver for it.
    static bool has_driver(const std::string& type) {
        const UniqueFd driver(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
        return static_cast<bool>(driver);
    }

    static std::vector<std::string> names_in(const fs::path& directory) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
        return names;
    }

    RescueTable table_;
    const fs::path image_ = table_.folder() / "stick.img";
};

TEST_F(Stick, ThatIsEmptyIsFormattedAndModeFourTakesTheMedkit) {
    if (!has_driver("vfat")) GTEST_SKIP() << "this kernel has no driver for FAT";
    make_disk(image_, stick_size, Table::none);
    {
        const AttachedImage stick(image_);
        const auto result = put(stick.node());
        ASSERT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(result.output.contains("FAT32), formatted")) << result.output;
        EXPECT_TRUE(result.output.contains("To start mode 4")) << result.output;
    }
    const auto card = table_.folder() / "card.img";
    make_card_with_old_system(card, card_size);
    const auto flashed = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card, image_);
    EXPECT_EQ(flashed.exit_status, 0) << flashed.output;
    EXPECT_EQ(flaws_of_flashed_card(card, table_.description()), std::vector<std::string>());
}

TEST_F(Stick, ThatIsEmptyIsLeftAsItIsWithoutADriver) {
    if (has_driver("vfat")) GTEST_SKIP() << "this kernel has a driver for FAT";
    make_disk(image_, stick_size, Table::none);
    const auto before = image_digest(image_);
    const AttachedImage stick(image_);
    const auto result = put(stick.node());
    EXPECT_EQ(result.exit_status, 5) << result.output;
    EXPECT_TRUE(result.output.contains("this system has no driver for FAT32")) << result.output;
    EXPECT_EQ(image_digest(image_), before);
}

TEST_F(Stick, HoldsAMedkitThatModeFourTakes) {
    make_stick("ext4");
    {
        const AttachedImage stick(image_);
        const auto result = put(stick.node());
        ASSERT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(result.output.contains("To start mode 4")) << result.output;
    }
    const auto card = table_.folder() / "card.img";
    make_card_with_old_system(card, card_size);
    const auto flashed = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card, image_);
    EXPECT_EQ(flashed.exit_status, 0) << flashed.output;
    EXPECT_EQ(flaws_of_flashed_card(card, table_.description()), std::vector<std::string>());
}

TEST_F(Stick, TakesNoNameThatModeFourDoesNotKnow) {
    const auto other = table_.folder() / "turris.tar.gz";
    fs::copy_file(table_.medkit(), other);
    const auto target = table_.folder() / "mounted stick";
    fs::create_directory(target);
    const auto result = must(run_child(command(target, {other}), 90s));
    expect_refused(result, "turris.tar.gz: mode 4 takes no medkit of that name");
    EXPECT_TRUE(result.output.contains("such as mox-medkit-latest.tar.gz")) << result.output;
    EXPECT_EQ(names_in(target), std::vector<std::string>());
    // The name of another router's medkit is no better.
    const auto board = table_.folder() / "own-box.conf";
    write_file(board, "LIKE=cznic,turris-mox\nMEDKIT_PREFIX=own-box\n");
    expect_refused(must(run_child(command(target, {table_.medkit(), "--board", board}), 90s)),
                   "such as own-box-medkit-latest.tar.gz");
    EXPECT_EQ(names_in(target), std::vector<std::string>());
}

TEST_F(Stick, KeepsTheFilesOfItsOwner) {
    for (const std::string type : {"vfat", "exfat", "ext4", "btrfs"}) {
        if (!has_driver(type)) continue;
        if (type == "btrfs") {
            make_disk(image_, Bytes{256 << 20}, Table::none);
            const LoopImage stick(image_);
            format_btrfs(stick.node(), own_uuid());
            const WritableMount mount(stick.node(), type);
            write_file(mount / "photos/holiday.jpg", "a photo");
        } else {
            make_stick(type);
        }
        const LoopImage stick(image_);
        const auto result = put(stick.node(), {"--json"});
        ASSERT_EQ(result.exit_status, 0) << type << ": " << result.output;
        EXPECT_TRUE(result.output.contains("\"formatted\": false")) << result.output;
        const WritableMount mount(stick.node(), type);
        EXPECT_EQ(read_file(mount / "photos/holiday.jpg"), "a photo") << type;
        expect_whole_medkit(mount.path());
    }
}

TEST_F(Stick, ReplacesAnOlderMedkitAndRefusesAChecksumThatDoesNotBelongToIt) {
    make_stick("ext4");
    const LoopImage stick(image_);
    {
        const WritableMount mount(stick.node(), "ext4");
        write_file(mount / name, "an older one");
        write_file(mount / (name + std::string(".md5")), "0123456789abcdef0123456789abcdef");
    }
    expect_refused(put(stick.node()), std::string(name) + ".md5 is there");
    {
        const WritableMount mount(stick.node(), "ext4");
        EXPECT_EQ(read_file(mount / name), "an older one");
        fs::remove(mount / (name + std::string(".md5")));
    }
    EXPECT_EQ(put(stick.node()).exit_status, 0);
    const WritableMount mount(stick.node(), "ext4");
    expect_whole_medkit(mount.path());
}

TEST_F(Stick, ThatIsFullIsLeftAsItIs) {
    make_stick("ext4");
    const LoopImage stick(image_);
    {
        const WritableMount mount(stick.node(), "ext4");
        write_file(mount / "film", std::string(80 << 20, 'x'));
    }
    const auto before = image_digest(image_);
    expect_refused(put(stick.node()), "no room for the medkit");
    EXPECT_EQ(image_digest(image_), before);
}

TEST_F(Stick, ThatIsTooSmallIsNotFormatted) {
    make_disk(image_, Bytes{6 << 20}, Table::none);
    const auto before = image_digest(image_);
    const AttachedImage stick(image_);
    expect_refused(put(stick.node()), "is too small: it holds 6.3 MB");
    EXPECT_EQ(image_digest(image_), before);
}

TEST_F(Stick, ThatIsWriteProtectedIsRefused) {
    make_stick("ext4");
    const AttachedImage stick(image_, Writing::forbidden);
    expect_refused(put(stick.node()), stick.node().native() + " is write protected");
}

TEST_F(Stick, ThatIsMountedIsRefusedAndItsDirectoryIsNot) {
    make_stick("ext4");
    const MountedImage mounted(image_, 0, "ext4");
    std::string device;
    for (const auto& line : std::vector<std::string>{output_of({"findmnt", "-no", "SOURCE", mounted.path()})})
        device = line.substr(0, line.find('\n'));
    expect_refused(put(device), "is mounted on " + mounted.path().native());
    const auto result = put(mounted.path());
    EXPECT_EQ(result.exit_status, 0) << result.output;
    expect_whole_medkit(mounted.path());
}

TEST_F(Stick, ThatCannotBeTakenOutNeedsAnOption) {
    make_disk(image_, stick_size, Table::none);
    const auto before = image_digest(image_);
    const AttachedImage stick(image_);
    const auto result = must(run_child(command(stick.node(), {"--yes", table_.medkit()}), 60s));
    expect_refused(result, stick.node().native() + " is not a removable disk");
    EXPECT_TRUE(result.output.contains("--fixed-disk")) << result.output;
    EXPECT_EQ(image_digest(image_), before);
}

TEST_F(Stick, WithAnotherFileSystemIsNotFormatted) {
    make_disk(image_, stick_size, Table::none);
    run({"mkswap", image_});
    const auto before = image_digest(image_);
    const AttachedImage stick(image_);
    expect_refused(put(stick.node()), "no file system on it that mode 4 reads");
    EXPECT_EQ(image_digest(image_), before);
}

TEST_F(Stick, WithAnEmptyPartitionIsFormattedWhenThatIsNamed) {
    const LoopImage stick(image_, stick_size, PartitionTable::one_primary);
    const auto partition = stick.partition();
    expect_refused(put(stick.node()), "to format its empty partition, name that: " + partition.native());
    if (!has_driver("vfat")) GTEST_SKIP() << "this kernel has no driver for FAT";
    const auto result = put(partition);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    const WritableMount mount(partition, "vfat");
    expect_whole_medkit(mount.path());
}

// 4 GiB and more: no archive at all, which would be refused later.
TEST_F(Stick, WithFat32TakesNoFileOfFourGigabytes) {
    make_disk(image_, stick_size, Table::none);
    const auto large = table_.folder() / "mox-medkit-large.tar.gz";
    std::ofstream(large) << "x";
    fs::resize_file(large, 1ULL << 32);
    const AttachedImage stick(image_);
    const auto result = must(run_child(command(stick.node(), {"--fixed-disk", "--yes", large}), 60s));
    expect_refused(result, "FAT32 holds no file of 4 GiB or more");
}

TEST_F(Stick, IsAskedAboutWithSizeAndContent) {
    make_stick("ext4");
    const auto before = image_digest(image_);
    const AttachedImage stick(image_);
    RunningProgram medkit(command(stick.node(), {"--fixed-disk", table_.medkit()}), Connection::terminal);
    medkit.wait_for("type yes to continue: ");
    EXPECT_TRUE(medkit.output().contains("(100.7 MB, image " + image_.native() + "): ext4"))
        << medkit.output();
    medkit.type("no\n");
    EXPECT_EQ(medkit.wait(), 77) << medkit.output();
    EXPECT_EQ(image_digest(image_), before);
    const auto unasked = must(run_child(command(stick.node(), {"--fixed-disk", table_.medkit()}), 60s));
    EXPECT_EQ(unasked.exit_status, 77) << unasked.output;
}

TEST_F(Stick, TakesTheBestMedkitOfTheDirectory) {
    make_stick("ext4");
    const LoopImage stick(image_);
    fs::copy(table_.medkit(), table_.content() / "mox-medkit-20200101.tar.gz");
    const auto old = fs::current_path();
    fs::current_path(table_.content());
    const auto result = must(run_child(command(stick.node(), {"--fixed-disk", "--yes"}), 60s));
    fs::current_path(old);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    const WritableMount mount(stick.node(), "ext4");
    expect_whole_medkit(mount.path());
    EXPECT_FALSE(fs::exists(mount / "mox-medkit-20200101.tar.gz"));
}

// Pulled out while it is written: an error at once, and no half medkit under its name.
TEST_F(Stick, PulledOutHasNoHalfMedkit) {
    make_stick("ext4");
    const auto shown = table_.folder() / "shown";
    std::ofstream(shown).flush();
    {
        auto daemon = StorageDaemon::showing(image_, shown);
        const LoopImage stick(shown);
        std::string output;
        bool pulled = false;
        auto words = command(stick.node(), {"--fixed-disk", "--yes", table_.medkit()});
        const auto status = run_child_streaming(words, 90s, [&](std::string_view part) -> Expected<void> {
            output.append(part);
            if (!pulled && output.contains("write the stick")) {
                daemon.break_down();
                pulled = true;
            }
            return {};
        });
        EXPECT_TRUE(pulled);
        EXPECT_EQ(must(Expected<int>(status)), 2) << output;
    }
    const LoopImage stick(image_);
    const WritableMount mount(stick.node(), "ext4");
    EXPECT_EQ(read_file(mount / "photos/holiday.jpg"), "a photo");
    for (const auto& file : names_in(mount.path())) EXPECT_FALSE(file.ends_with(".tar.gz")) << file;
}

}  // namespace
}  // namespace mox::test_support
