#include "storage/device_users.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "storage/block_device.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;
using test_support::run;

TEST(DeviceUsers, AreReadFromMountinfo) {
    const std::vector<MountedDevice> expected{{"/dev/sda1", "/media/My stick"}, {"none", "/proc"}};
    EXPECT_EQ(parse_mounts("36 35 8:1 / /media/My\\040stick rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
                           "37 35 0:5 / /proc rw - proc none rw\nnonsense\n"),
              expected);
}

TEST(DeviceUsers, AreReadFromSwaps) {
    EXPECT_EQ(
        parse_swaps(
            "Filename Type Size Used Priority\n/dev/sda2\tpartition 1 0 -2\n/my\\040swap file 1 0 -3\n"),
        (std::vector<std::string>{"/dev/sda2", "/my swap"}));
    EXPECT_TRUE(parse_swaps("").empty());
}

class BusyDevice : public testing::Test {
protected:
    /// What somebody who needs the whole disk for himself is told.
    std::string problem() {
        const auto opened = open_block_device(disk_.node(), O_RDWR | O_EXCL, ErrorKind::card);
        return opened ? "none" : opened.error().describe();
    }

    void expect_problem(const std::string& words) { EXPECT_TRUE(problem().contains(words)) << problem(); }

    test_support::TemporaryDirectory folder_;
    LoopImage disk_{folder_ / "disk", 64_MiB, PartitionTable::one_primary};
    const std::string partition_ = disk_.partition().native();
};

/// Ends what a test has set up by its own command.
class AtTheEnd {
public:
    explicit AtTheEnd(std::vector<std::string> command) : command_(std::move(command)) {}
    AtTheEnd(const AtTheEnd&) = delete;
    AtTheEnd& operator=(const AtTheEnd&) = delete;
    ~AtTheEnd() { (void)run_child(command_, std::chrono::seconds(30)); }

private:
    std::vector<std::string> command_;
};

TEST_F(BusyDevice, NamesTheMountPoint) {
    test_support::format(disk_.partition(), "ext4");
    const auto place = folder_ / "my place";
    std::filesystem::create_directory(place);
    ASSERT_EQ(::mount(partition_.c_str(), place.c_str(), "ext4", 0, nullptr), 0);
    expect_problem(disk_.node().native() + " is in use: " + partition_ + " is mounted on " + place.native());
    ASSERT_EQ(::umount(place.c_str()), 0);
    EXPECT_EQ(problem(), "none");
}

// As in a container: this process does not see the mount.
TEST_F(BusyDevice, NamesTheMountPointOfAnotherNamespace) {
    test_support::format(disk_.partition(), "ext4");
    const auto place = folder_ / "place";
    std::filesystem::create_directory(place);
    test_support::RunningProgram container(
        {"unshare", "--mount", "sh", "-c",
         "mount " + partition_ + " " + place.native() + " && echo mounted && exec sleep 60"});
    container.wait_for("mounted");
    expect_problem(partition_ + " is mounted on " + place.native() + " for the program ");
}

TEST_F(BusyDevice, NamesSwapSpace) {
    run({"mkswap", partition_});
    const AtTheEnd off({"swapoff", partition_});
    run({"swapon", "--priority", "0", partition_});
    expect_problem(partition_ + " is swap space");
}

TEST_F(BusyDevice, NamesTheMappingOnTopOfIt) {
    const auto name = "mox-test-" + std::to_string(::getpid());
    if (!std::filesystem::exists("/dev/mapper/control")) GTEST_SKIP() << "this kernel has no device mapper";
    const AtTheEnd off({"dmsetup", "remove", "--retry", name});
    run({"dmsetup", "create", name, "--table", "0 8192 linear " + partition_ + " 0"});
    expect_problem(partition_ + " is a part of the mapping " + name);
}

TEST_F(BusyDevice, NamesTheProgramThatHasItForItself) {
    const auto held = must(open_block_device(disk_.node(), O_RDONLY | O_EXCL, ErrorKind::card));
    // Our own process is none that the user could end.
    EXPECT_EQ(problem(), disk_.node().native() + " is in use; unmount it first");
}

TEST(ActiveSwapFile, IsNamedWhenItPreventsASnapshot) {
    const test_support::RamFolder folder;
    const auto image = folder / "card.img";
    test_support::make_disk(image, 256_MiB, test_support::Table::none);
    test_support::make_filesystem(image, test_support::Table::none, "btrfs");
    const test_support::MountedImage card(image, 0, "btrfs");
    const auto top = must(open_file(card.path(), O_RDONLY | O_DIRECTORY, ErrorKind::card));
    must(create_subvolume(top.get(), "@"));
    const auto swap = (card / "@/swap file").native();
    run({"btrfs", "filesystem", "mkswapfile", "--size", "8m", swap});
    const AtTheEnd off({"swapoff", swap});
    run({"swapon", "--priority", "0", swap});
    const auto made = snapshot_subvolume(top.get(), "@", "@1", Access::read_only);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind(), ErrorKind::card);
    EXPECT_TRUE(made.error().describe().contains("a swap file in it is active (" + swap + ")"))
        << made.error().describe();
    EXPECT_TRUE(made.error().describe().contains("swapoff")) << made.error().describe();
}

}  // namespace
}  // namespace mox::storage
