// What a board is for QEMU: its command line, the layers of its media; and keys at the terminal.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "virtual_mox/console_keys.hpp"
#include "virtual_mox/machine_setup.hpp"
#include "virtual_mox/medium.hpp"

namespace mox::virtual_mox {
namespace {

using Words = std::vector<std::string>;

MachineSetup some_setup() {
    MachineSetup setup;
    setup.nor = "/b/nor,1.img";
    setup.qemu = "/b/qemu-system-aarch64";
    return setup;
}

/// The values of an option, in order.
Words values(const Words& words, const std::string& option) {
    Words found;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == option) found.push_back(words[i + 1]);
    return found;
}

bool has(const Words& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

TEST(CommandLine, IsABoardWithoutPower) {
    const auto words = command_line(some_setup());
    EXPECT_EQ(words.front(), "/b/qemu-system-aarch64");
    EXPECT_TRUE(has(words, "-S"));
    EXPECT_EQ(values(words, "-machine"), Words{"turris-mox"});
    EXPECT_EQ(values(words, "-m"), Words{"512M"});
    EXPECT_EQ(values(words, "-drive"), (Words{"if=mtd,format=raw,file=/b/nor,,1.img", "if=sd,id=card-slot"}))
        << "commas in names are doubled";
}

TEST(CommandLine, ABootLoaderRunsInTheTimeOfItsInstructions) {
    const auto words = command_line(some_setup());
    EXPECT_EQ(values(words, "-icount"), Words{"shift=3"});
    EXPECT_FALSE(has(words, "-kernel"));
}

TEST(CommandLine, AKernelIsStartedAsABootLoaderLeavesIt) {
    auto setup = some_setup();
    setup.start = DirectStart{.kernel = "/b/Image",
                              .initramfs = "/b/initramfs.cpio",
                              .device_tree = "/b/mox.dtb",
                              .command_line = "console=ttyMV0"};
    auto words = command_line(setup);
    EXPECT_EQ(values(words, "-kernel"), Words{"/b/Image"});
    EXPECT_EQ(values(words, "-initrd"), Words{"/b/initramfs.cpio"});
    EXPECT_EQ(values(words, "-dtb"), Words{"/b/mox.dtb"});
    EXPECT_EQ(values(words, "-append"), Words{"console=ttyMV0"});
    EXPECT_FALSE(has(words, "-icount"));
    setup.start->initramfs.clear();
    words = command_line(setup);
    EXPECT_FALSE(has(words, "-initrd"));
}

TEST(CommandLine, TheNetworkIsQemusOwnOrATapOfTheTest) {
    auto setup = some_setup();
    EXPECT_EQ(values(command_line(setup), "-nic"), Words{"user,id=eth0"});
    setup.network = UserNetwork{"restrict=on"};
    EXPECT_EQ(values(command_line(setup), "-nic"), Words{"user,id=eth0,restrict=on"});
    setup.network = TapNetwork{42};
    EXPECT_EQ(values(command_line(setup), "-nic"), Words{"tap,id=eth0,fd=6"})
        << "6 is what QEMU inherits it as";
}

TEST(CommandLine, MoreOptionsComeLast) {
    auto setup = some_setup();
    setup.more_options = {"-device", "virtio-net-pci"};
    const auto words = command_line(setup);
    EXPECT_EQ(words.back(), "virtio-net-pci");
}

TEST(BlockLayers, APlainMediumIsAFileUnderARawLayer) {
    const auto layers = block_layers("card-1", Medium("/x/card.img"));
    ASSERT_EQ(layers.size(), 2U);
    EXPECT_EQ(layers[0].at("filename"), "/x/card.img");
    EXPECT_EQ(layers[0].at("node-name"), "card-1.image");
    EXPECT_EQ(layers[1].at("node-name"), "card-1");
    EXPECT_EQ(layers[1].at("file"), "card-1.image");
}

TEST(BlockLayers, FaultsAndTheRecorderLieInBetween) {
    Medium medium("/x/card.img");
    medium.faults.push_back({.when = MediumFault::When::write, .error_number = EIO, .at_byte = 1 << 20});
    medium.write_log = "/x/log";
    const auto layers = block_layers("c", medium);
    Words drivers;
    for (const auto& layer : layers) drivers.push_back(layer.at("driver"));
    EXPECT_EQ(drivers, (Words{"file", "blkdebug", "file", "blklogwrites", "raw"}));
    const auto& rule = layers[1].at("inject-error").at(0);
    EXPECT_EQ(rule.at("iotype"), "write");
    EXPECT_EQ(rule.at("errno"), EIO);
    EXPECT_EQ(rule.at("sector"), 2048);
    EXPECT_EQ(layers[3].at("file"), "c.faults");
    EXPECT_EQ(layers[4].at("file"), "c.recorded");
}

/// "ab|short_press|c" for what is typed and commanded.
std::string told(const std::vector<TypedKeys>& parts) {
    std::string text;
    for (const auto& part : parts) {
        text += part.to_console;
        if (part.then) text += "<" + std::to_string(static_cast<int>(*part.then)) + ">";
    }
    return text;
}

TEST(ConsoleKeys, EverythingButCommandsGoesToTheBoard) {
    ConsoleKeys keys;
    EXPECT_EQ(told(keys.typed("ls\r\x03")), "ls\r\x03");
    EXPECT_EQ(told(keys.typed("a\x1d"
                              "bc")),
              "a<0>c")
        << "a short press";
    EXPECT_EQ(told(keys.typed("\x1dq")), "<8>") << "quit";
    EXPECT_EQ(told(keys.typed("\x1d\x1d")), "\x1d") << "one for the board";
    EXPECT_EQ(told(keys.typed("\x1dz")), "<7>") << "unknown: help";
    EXPECT_TRUE(keys.typed("").empty());
}

TEST(ConsoleKeys, ACommandMayComeInTwoPieces) {
    ConsoleKeys keys;
    EXPECT_EQ(told(keys.typed("x\x1d")), "x");
    EXPECT_EQ(told(keys.typed("hy")), "<1>y");
}

}  // namespace
}  // namespace mox::virtual_mox
