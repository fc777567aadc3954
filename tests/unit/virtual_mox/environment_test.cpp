// The boot environment in the NOR as we write it and read it back from outside, against U-Boot's own tool.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "disk_images/boot_environment.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::virtual_mox {
namespace {

using namespace unit_literals;
using disk_images::decode_boot_environment;
using disk_images::encode_boot_environment;
using test_support::must;

const boot::Variables some_variables{
    {"bootcmd", "if test a = b; then run x; fi"}, {"empty", ""}, {"equals", "a=b=c"}, {"z", "last"}};

TEST(BootEnvironment, IsReadBackAsItWasWritten) {
    const auto bytes = must(encode_boot_environment(some_variables, 64_KiB));
    EXPECT_EQ(bytes.size(), 64U << 10);
    EXPECT_EQ(must(decode_boot_environment(bytes)), some_variables);
    EXPECT_EQ(must(decode_boot_environment(must(encode_boot_environment({}, 1_KiB)))), boot::Variables{});
}

TEST(BootEnvironment, IsTheSameAsMkenvimageMakes) {
    const test_support::TemporaryDirectory folder;
    std::ofstream text(folder / "text");
    for (const auto& [name, value] : some_variables) text << name << '=' << value << '\n';
    text.close();
    test_support::run({"mkenvimage", "-s", "0x40000", "-o", folder / "theirs", folder / "text"});
    const auto theirs = must(read_small_file(folder / "theirs", ErrorKind::internal, 1_MiB));
    EXPECT_TRUE(theirs == must(encode_boot_environment(some_variables, 256_KiB)));
    EXPECT_EQ(must(decode_boot_environment(theirs)), some_variables);
}

TEST(BootEnvironment, OneWrongBitIsNoticed) {
    const auto good = must(encode_boot_environment(some_variables, 4_KiB));
    for (const std::size_t at : {std::size_t{0}, std::size_t{4}, std::size_t{30}, good.size() - 1}) {
        auto bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        EXPECT_FALSE(decode_boot_environment(bad)) << at;
    }
    EXPECT_FALSE(decode_boot_environment(std::string(4096, '\xff'))) << "erased flash";
    EXPECT_FALSE(decode_boot_environment(""));
}

TEST(BootEnvironment, WhatDoesNotFitOrCannotBeReadBackIsRefused) {
    EXPECT_FALSE(encode_boot_environment({{"a", std::string(1000, 'x')}}, 1_KiB - 20_B));
    EXPECT_FALSE(encode_boot_environment({{"a=b", "c"}}, 1_KiB));
    EXPECT_FALSE(encode_boot_environment({{"", "c"}}, 1_KiB));
    EXPECT_FALSE(encode_boot_environment({{"a", std::string("b\0c", 3)}}, 1_KiB));
}

TEST(NorImage, HoldsEnvironmentAndRescueImageAndIsErasedElsewhere) {
    const test_support::TemporaryDirectory folder;
    const auto nor = folder / "nor.img";
    test_support::write_file(folder / "rescue", "the rescue image");
    NorContent content;
    test_support::write_file(folder / "loader", "the boot loader");
    content.boot_loader = folder / "loader";
    content.environment = some_variables;
    content.rescue_image = folder / "rescue";
    must(make_nor_image(nor, content));
    EXPECT_EQ(std::filesystem::file_size(nor), 8U << 20);
    EXPECT_EQ(must(read_environment(nor)), some_variables);
    const auto bytes = must(read_small_file(nor, ErrorKind::internal, 9_MiB));
    EXPECT_EQ(bytes.substr(0x190000, 17), "the rescue image\xff");
    EXPECT_EQ(bytes.substr(0x1ffff, 17),
              "\xff"
              "the boot loader\xff");

    must(write_environment(nor, {{"a", "b"}}));
    EXPECT_EQ(must(read_environment(nor)), (boot::Variables{{"a", "b"}}));
    must(damage_environment(nor));
    EXPECT_FALSE(read_environment(nor));
    must(make_nor_image(nor, {}));
    EXPECT_FALSE(read_environment(nor)) << "erased";
}

TEST(NorImage, ABootLoaderThatDoesNotFitItsPartitionIsRefused) {
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "loader", std::string(0x160001, 'x'));
    NorContent content;
    content.boot_loader = folder / "loader";
    const auto made = make_nor_image(folder / "nor.img", content);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().describe().find("loader has 1441793 bytes"), std::string::npos)
        << made.error().describe();
}

TEST(NorImage, ARescueImageThatDoesNotFitAMoxIsRefused) {
    const test_support::TemporaryDirectory folder;
    test_support::write_file(folder / "rescue", std::string(6'684'672, 'x'));
    NorContent content;
    content.rescue_image = folder / "rescue";
    EXPECT_TRUE(make_nor_image(folder / "nor.img", content));
    test_support::write_file(folder / "rescue", std::string(6'684'673, 'x'));
    const auto made = make_nor_image(folder / "nor.img", content);
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().describe().find("6684672"), std::string::npos) << made.error().describe();
}

TEST(BuiltFile, ThatIsMissingSaysHowToBuildIt) {
    const auto file = built_file("/nowhere", "image.fit.lzma");
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().describe().find("make board"), std::string::npos);
}

}  // namespace
}  // namespace mox::virtual_mox
