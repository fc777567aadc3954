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
    setup.boot_loader = "/b/boot,loader.img";
    setup.nor = "/b/nor.img";
    setup.device_tree = "/b/virtual-mox.dtb";
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

TEST(CommandLine, IsABoardWithoutPowerInItsFixedPlaces) {
    const auto words = command_line(some_setup());
    EXPECT_EQ(words.front(), "qemu-system-aarch64");
    EXPECT_TRUE(has(words, "-S"));
    EXPECT_EQ(values(words, "-machine"), Words{"virt,acpi=off,pflash0=boot-loader,pflash1=nor"});
    EXPECT_EQ(values(words, "-m"), Words{"512"});
    EXPECT_EQ(values(words, "-smp"), Words{"2"});
    EXPECT_EQ(values(words, "-dtb"), Words{"/b/virtual-mox.dtb"});
    const auto devices = values(words, "-device");
    EXPECT_TRUE(has(devices, "sdhci-pci,id=sdhci,addr=0x3"));
    EXPECT_TRUE(has(devices, "qemu-xhci,id=xhci,addr=0x4"));
    EXPECT_TRUE(has(devices, "i6300esb,id=watchdog,addr=0x5"));
    EXPECT_EQ(std::ranges::count_if(devices, [](const auto& word) { return word.starts_with("virtio-net"); }),
              1);
}

TEST(CommandLine, TheBootLoaderIsNeverWrittenAndCommasInNamesAreDoubled) {
    const auto flashes = values(command_line(some_setup()), "-blockdev");
    ASSERT_EQ(flashes.size(), 2U);
    EXPECT_EQ(flashes[0], "driver=file,node-name=boot-loader,filename=/b/boot,,loader.img,read-only=on");
    EXPECT_EQ(flashes[1].find("read-only"), std::string::npos);
}

TEST(CommandLine, ADiskInPlaceOfTheSdCardLeavesItsPlaceFree) {
    auto setup = some_setup();
    setup.card_reader = CardReader::disk;
    const auto words = command_line(setup);
    EXPECT_TRUE(values(words, "-drive").empty());
    for (const auto& device : values(words, "-device"))
        EXPECT_EQ(device.find("addr=0x3"), std::string::npos) << device;
}

TEST(CommandLine, WithoutADeviceTreeQemuTakesItsOwn) {
    auto setup = some_setup();
    setup.device_tree.clear();
    EXPECT_FALSE(has(command_line(setup), "-dtb"));
}

TEST(CommandLine, TheNetworkIsQemusOwnOrATapOfTheTest) {
    auto setup = some_setup();
    EXPECT_EQ(values(command_line(setup), "-netdev"), Words{"user,id=wan"});
    setup.network = UserNetwork{"restrict=on"};
    EXPECT_EQ(values(command_line(setup), "-netdev"), Words{"user,id=wan,restrict=on"});
    setup.network = TapNetwork{42};
    EXPECT_EQ(values(command_line(setup), "-netdev"), Words{"tap,id=wan,fd=6"})
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
