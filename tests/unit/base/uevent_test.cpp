#include "base/uevent.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "storage/sysfs_drives.hpp"

namespace mox {
namespace {

using namespace std::string_view_literals;
using storage::may_add_disk;

constexpr auto new_disk =
    "add@/devices/platform/soc/d0058000.usb/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block/sda\0"
    "ACTION=add\0DEVPATH=/devices/platform/soc/d0058000.usb/usb1/block/"
    "sda\0SUBSYSTEM=block\0MAJOR=8\0MINOR=0\0"
    "DEVNAME=sda\0DEVTYPE=disk\0DISKSEQ=10\0SEQNUM=2345\0"sv;

TEST(Uevent, AMessageOfTheKernelIsRead) {
    const auto event = parse_uevent(new_disk);
    ASSERT_TRUE(event);
    EXPECT_EQ(*event, (Uevent{"add", "block", "disk", "sda", false}));
    EXPECT_TRUE(may_add_disk(*event));
}

TEST(Uevent, AMessageThatWasCutOffIsReadAsFarAsItGoes) {
    const auto event = parse_uevent(new_disk.substr(0, new_disk.find("DEVTYPE")));
    ASSERT_TRUE(event);
    EXPECT_FALSE(may_add_disk(*event));
}

TEST(Uevent, NoPrefixOfAMessageIsEverReadWrongly) {
    for (std::size_t length = 0; length < new_disk.size(); ++length) {
        const auto event = parse_uevent(new_disk.substr(0, length));
        if (!event) continue;
        EXPECT_TRUE("add"sv.starts_with(event->action)) << length;
        EXPECT_TRUE("block"sv.starts_with(event->subsystem)) << length;
    }
}

TEST(Uevent, UdevsOwnMessagesAreNotTheKernels) {
    EXPECT_FALSE(parse_uevent("libudev\0\xfe\xed\xca\xfe ACTION=add\0SUBSYSTEM=block\0"sv));
    EXPECT_FALSE(parse_uevent(""sv));
    EXPECT_FALSE(parse_uevent("\0\0\0"sv));
}

TEST(Uevent, ANewCardInACardReaderBringsADisk) {
    const auto event = parse_uevent(
        "change@/devices/x/block/sdb\0ACTION=change\0SUBSYSTEM=block\0DEVNAME=sdb\0DEVTYPE=disk\0"
        "DISK_MEDIA_CHANGE=1\0"sv);
    ASSERT_TRUE(event);
    EXPECT_TRUE(may_add_disk(*event));
}

TEST(Uevent, WhatBringsNoDisk) {
    EXPECT_FALSE(may_add_disk({.action = "remove", .subsystem = "block", .type = "disk", .name = "sda"}));
    EXPECT_FALSE(may_add_disk({.action = "change", .subsystem = "block", .type = "disk", .name = "sda"}));
    EXPECT_FALSE(may_add_disk({.action = "add", .subsystem = "net", .type = "", .name = "eth0"}));
    EXPECT_FALSE(may_add_disk({.action = "add", .subsystem = "usb", .type = "disk", .name = "x"}));
}

TEST(Uevent, OurOwnRegistrationOfPartitionsDoesNotCountAsANewDisk) {
    EXPECT_FALSE(may_add_disk({.action = "add", .subsystem = "block", .type = "partition", .name = "sda1"}));
}

}  // namespace
}  // namespace mox
