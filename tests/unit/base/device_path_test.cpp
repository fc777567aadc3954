#include "base/device_path.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mox {
namespace {

constexpr const char* soc = "/sys/devices/platform/soc/soc:internal-regs@d0000000/";

TEST(DevicePath, LeadsThroughADeviceOfTheSocWhateverTheTreeCallsItsNode) {
    for (const std::string node : {"sdhci", "mmc", "sdio-host"})
        EXPECT_TRUE(leads_through(soc + ("d00d8000." + node) + "/mmc_host/mmc0", "d00d8000.")) << node;
    EXPECT_TRUE(
        leads_through("/sys/devices/platform/soc/soc:bus@d0000000/d00d8000.mmc/mmc_host", "d00d8000."));
    EXPECT_TRUE(leads_through(soc + std::string("d0030000.ethernet"), "d0030000."));
}

TEST(DevicePath, DoesNotLeadThroughAnotherAddressOrBus) {
    for (const std::string device :
         {"d00d0000.mmc", "1d00d8000.mmc", "d00d80000.mmc", "d00d8000", "d00d8000.", "soc:d00d8000.mmc"})
        EXPECT_FALSE(leads_through(soc + device + "/mmc_host/mmc0", "d00d8000.")) << device;
    EXPECT_FALSE(leads_through("/sys/devices/pci0000:00/d00d8000.mmc/block/sda", "d00d8000."));
    EXPECT_FALSE(leads_through("/sys/devices/d00d8000.mmc/platform/block/sda", "d00d8000."));
}

TEST(DevicePath, LeadsThroughWholeNamesInARow) {
    const auto* disk = "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda";
    EXPECT_TRUE(leads_through(disk, "0000:00:02.0"));
    EXPECT_TRUE(leads_through(disk, "0000:00:02.0/virtio1"));
    EXPECT_TRUE(leads_through(disk, "vda"));
    for (const auto* controller : {"0000:00:02", "00:02.0", "virtio", "virtio1/0000:00:02.0", ""})
        EXPECT_FALSE(leads_through(disk, controller)) << controller;
}

}  // namespace
}  // namespace mox
