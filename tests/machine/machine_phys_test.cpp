#include <gtest/gtest.h>

#include <cstdint>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {

namespace {

constexpr std::uint64_t comphy = registers + 0x1'8300;
constexpr std::uint64_t lane0 = registers + 0x5'c000;
constexpr std::uint64_t lane1 = registers + 0x1'f000;
constexpr std::uint64_t lane2_index = registers + 0xe'0178;
constexpr std::uint64_t lane2_data = registers + 0xe'017c;
constexpr std::uint64_t utmi_otg = registers + 0x5'd000;
constexpr std::uint64_t utmi_host = registers + 0x5'f000;

TEST(MachinePhys, AreReady) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(comphy + 0x18) & 0xc, 0xcU) << "both PLLs of lane 1";
    EXPECT_EQ(machine.read32(comphy + 0x40) & 0xc, 0xcU) << "and of lane 0";
    EXPECT_EQ(machine.read16(lane0 + 0x306) & 1, 1U) << "its clock runs";
    EXPECT_EQ(machine.read16(lane1 + 0x306) & 1, 1U);
    machine.write32(lane2_index, 0x383);
    EXPECT_EQ(machine.read32(lane2_data) & 1, 1U);
    machine.write32(lane2_index, 0x223);
    EXPECT_EQ(machine.read32(lane2_data) & 0x10, 0x10U);
    for (const auto utmi : {utmi_otg, utmi_host}) {
        EXPECT_EQ(machine.read32(utmi) >> 31, 1U) << "PLL";
        EXPECT_EQ(machine.read32(utmi + 8) & 0x8080'0000U, 0x8080'0000U) << "calibrations";
        EXPECT_EQ(machine.read32(utmi + 0x18) >> 31, 1U);
    }
}

TEST(MachinePhys, KeepWhatIsWritten) {
    QtestMachine machine;
    machine.write32(comphy + 0x28, 0x0007'1002);
    machine.write32(comphy + 0xfc, 0x111);
    machine.write16(lane0 + 0x46, 0x0004);
    machine.write16(lane1 + 0x46, 0x0008);
    machine.write32(lane2_index, 0x201);
    machine.write32(lane2_data, 0xfe);
    machine.write32(lane2_index, 0x202);
    EXPECT_EQ(machine.read32(lane2_data), 0U);
    machine.write32(lane2_index, 0x201);
    EXPECT_EQ(machine.read32(lane2_data), 0xfeU);
    EXPECT_EQ(machine.read32(comphy + 0x28), 0x0007'1002U);
    EXPECT_EQ(machine.read32(comphy + 0xfc), 0x111U);
    EXPECT_EQ(machine.read16(lane0 + 0x46), 0x0014);
    EXPECT_EQ(machine.read16(lane1 + 0x46), 0x0018);
    machine.write32(utmi_otg + 0x820, 0x4001);
    EXPECT_EQ(machine.read32(utmi_otg + 0x820), 0x4001U);
    EXPECT_EQ(machine.read32(utmi_host + 0x820), 0U);
    machine.qmp("system_reset");
    EXPECT_EQ(machine.read32(utmi_otg + 0x820), 0U);
}

}  // namespace

}  // namespace mox::machine_test
