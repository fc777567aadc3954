#include "simulated_board/keyboard.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "simulated_board/stick_format.hpp"

namespace mox::simulated_board {
namespace {

using namespace std::chrono_literals;
using Effect = KeyReader::Effect;

const Clock::time_point start{1h};

TEST(KeyReader, SpaceIsAShortPress) {
    KeyReader keys;
    EXPECT_EQ(keys.typed(' ', start), Effect::press);
    EXPECT_EQ(keys.release_due(), start + 150ms);
    EXPECT_EQ(keys.waited(start + 149ms), Effect::none);
    EXPECT_EQ(keys.waited(start + 150ms), Effect::release);
    EXPECT_EQ(keys.release_due(), std::nullopt);
}

TEST(KeyReader, RepetitionsOfAHeldKeyKeepTheButtonDownUntilShortlyAfterTheLastOne) {
    KeyReader keys;
    EXPECT_EQ(keys.typed(' ', start), Effect::press);
    for (auto at = start + 40ms; at <= start + 2s; at += 40ms) {
        EXPECT_EQ(keys.waited(at), Effect::none);
        EXPECT_EQ(keys.typed(' ', at), Effect::none);
    }
    EXPECT_EQ(keys.waited(start + 2s + 150ms), Effect::release);
}

TEST(KeyReader, HHoldsTheButtonUntilHIsTypedAgain) {
    KeyReader keys;
    EXPECT_EQ(keys.typed('h', start), Effect::press);
    EXPECT_EQ(keys.waited(start + 10s), Effect::none);
    EXPECT_EQ(keys.typed(' ', start + 11s), Effect::none) << "it is down already";
    EXPECT_EQ(keys.waited(start + 12s), Effect::none);
    EXPECT_EQ(keys.typed('h', start + 13s), Effect::release);
}

TEST(KeyReader, HDuringAShortPressMakesItAHold) {
    KeyReader keys;
    EXPECT_EQ(keys.typed(' ', start), Effect::press);
    EXPECT_EQ(keys.typed('h', start + 100ms), Effect::none);
    EXPECT_EQ(keys.waited(start + 10s), Effect::none);
    EXPECT_EQ(keys.typed('h', start + 11s), Effect::release);
}

TEST(KeyReader, OtherKeysDoNothing) {
    KeyReader keys;
    EXPECT_EQ(keys.typed('x', start), Effect::none);
    EXPECT_EQ(keys.release_due(), std::nullopt);
}

TEST(StickFormat, IsFat32WhereTheKernelHasItAndSaysSoWhereItHasNot) {
    EXPECT_EQ(pick_stick_format("nodev\tsysfs\n\text4\n\tvfat\n\tbtrfs\n").filesystem,
              disk_images::StickFilesystem::fat32);
    const auto format = pick_stick_format("nodev\tsysfs\n\text4\n\tbtrfs\n");
    EXPECT_EQ(format.filesystem, disk_images::StickFilesystem::ext4);
    EXPECT_NE(format.remark.find("no FAT32"), std::string::npos) << format.remark;
}

}  // namespace
}  // namespace mox::simulated_board
