// Clocks: the frequencies that drivers compute from the registers are those of a MOX (CPU 1000, DDR 800).

#include <gtest/gtest.h>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

constexpr auto north = registers + 0x13000;
constexpr auto south = registers + 0x18000;
constexpr auto tbg = registers + 0x13200;
constexpr auto latch = registers + 0x13808;

std::uint32_t bits(std::uint32_t value, unsigned from, unsigned count) {
    return value >> from & ((1U << count) - 1);
}

/// MHz of a TBG's output, as the driver computes it: crystal * feedback * 4 / (reference << VCO).
unsigned tbg_mhz(QtestMachine& machine, unsigned feedback_from, unsigned reference_from, std::uint64_t vco_at,
                 unsigned vco_from) {
    constexpr unsigned crystal = 25;
    const auto feedback = bits(machine.read32(tbg + 0x4), feedback_from, 9);
    const auto reference = bits(machine.read32(tbg + 0x20), reference_from, 9);
    const auto vco = bits(machine.read32(vco_at), vco_from, 9);
    return crystal * feedback * 4 / (reference << vco);
}

TEST(MachineClock, HasTheTbgsOfAMox) {
    QtestMachine machine;
    EXPECT_EQ(bits(machine.read32(latch), 9, 1), 0U) << "a crystal of 25 MHz";
    EXPECT_EQ(tbg_mhz(machine, 2, 0, tbg + 0x30, 1), 800U);     // A-P
    EXPECT_EQ(tbg_mhz(machine, 18, 16, tbg + 0x30, 17), 500U);  // B-P
}

TEST(MachineClock, HasTheValuesThatTheFirmwareLeaves) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(tbg + 0x8), 0x80018000U);
    EXPECT_EQ(machine.read32(north + 0x10), 0xffffU) << "clocks of the TBGs";
    EXPECT_EQ(machine.read32(south + 0x10), 0x3fffU);
    EXPECT_EQ(machine.read32(south + 0x14), 1U << 19U | 1U << 20U) << "stopped clocks";
}

TEST(MachineClock, KeepsWhatIsWrittenUntilAReset) {
    QtestMachine machine;
    const auto before = machine.read32(north + 0x4);
    machine.write32(north + 0x4, 0x12345678);
    machine.write32(south + 0x4, 0x9abcdef0);
    EXPECT_EQ(machine.read32(north + 0x4), 0x12345678U);
    EXPECT_EQ(machine.read32(south + 0x4), 0x9abcdef0U);
    machine.qmp("system_reset");
    machine.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(machine.read32(north + 0x4), before);
}

TEST(MachineRegisters, TellThe512MegabytesOfMemoryAndRepeatThem) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(registers + 0xcf00), 1U);
    EXPECT_EQ(machine.read32(registers + 0xcf04), 0x1fffU);
    machine.write32(0x1000, 0xfeedface);
    EXPECT_EQ(machine.read32(0x2000'1000), 0xfeedfaceU) << "an old boot loader finds the size by that";
}

TEST(MachineRegisters, TellOneGigabyteOfMemory) {
    QtestMachine machine({"-m", "1G"});
    EXPECT_EQ(machine.read32(registers + 0xcf04), 0x3fffU);
    machine.write32(0x1000, 1);
    machine.write32(0x2000'1000, 2);
    EXPECT_EQ(machine.read32(0x1000), 1U);
}

TEST(MachineRegisters, KeepBytesAndHalfWords) {
    QtestMachine machine;
    constexpr auto anywhere = registers + 0x14000;
    machine.write32(anywhere, 0x11223344);
    machine.write8(anywhere + 1, 0xaa);
    machine.write16(anywhere + 2, 0xbbcc);
    EXPECT_EQ(machine.read32(anywhere), 0xbbccaa44U);
    EXPECT_EQ(machine.read16(anywhere + 2), 0xbbccU);
    EXPECT_EQ(machine.read8(anywhere + 3), 0xbbU);
}

}  // namespace
}  // namespace mox::machine_test
