#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {

namespace {

constexpr std::uint64_t rwtm = registers + 0xb'0000;
constexpr std::uint64_t parameter = rwtm;
constexpr std::uint64_t command = rwtm + 0x40;
constexpr std::uint64_t status = rwtm + 0x80;
constexpr std::uint64_t result = rwtm + 0x84;
constexpr std::uint64_t host_interrupt = rwtm + 0xc8;
constexpr std::uint64_t host_interrupt_mask = rwtm + 0xcc;
constexpr std::uint32_t fail = 1U << 30;
constexpr std::uint32_t bad_command = 2U << 30;
constexpr std::uint32_t invalid = 22U << 10;
constexpr std::uint32_t no_data = 61U << 10;
constexpr int interrupt = 18;

std::uint32_t answer_to(QtestMachine& machine, std::uint32_t number) {
    machine.write32(host_interrupt, 1);
    machine.write32(command, number);
    EXPECT_EQ(machine.read32(host_interrupt), 1U) << "done";
    return machine.read32(status);
}

TEST(MachineRwtm, HasItsResetValues) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(rwtm + 0xc4), 0x100U) << "ready, and nothing waits";
    EXPECT_EQ(machine.read32(host_interrupt), 0U);
    EXPECT_EQ(machine.read32(host_interrupt_mask), 0xffff'ffffU);
    machine.write32(parameter + 0x3c, 0x1234'5678);
    EXPECT_EQ(machine.read32(parameter + 0x3c), 0x1234'5678U);
}

TEST(MachineRwtm, TellsWhatWasBurned) {
    QtestMachine machine({"-global", "armada3700-rwtm.serial-number=0xd300001234", "-global",
                          "armada3700-rwtm.board-version=30", "-nic", "user,mac=d8:58:d7:00:12:ff"});
    EXPECT_EQ(answer_to(machine, 2), 2U);
    EXPECT_EQ(machine.read32(result), 0x0000'1234U);
    EXPECT_EQ(machine.read32(result + 4), 0xd3U);
    EXPECT_EQ(machine.read32(result + 8), 30U);
    EXPECT_EQ(machine.read32(result + 12), 512U);
    EXPECT_EQ(machine.read32(result + 16), 0xd858U);
    EXPECT_EQ(machine.read32(result + 20), 0xd700'12ffU);
    EXPECT_EQ(machine.read32(result + 24), 0xd858U);
    EXPECT_EQ(machine.read32(result + 28), 0xd700'1300U) << "the next address";
}

TEST(MachineRwtm, ABoardWithOneGibibyte) {
    QtestMachine machine({"-m", "1G"});
    EXPECT_EQ(answer_to(machine, 2), 2U);
    EXPECT_EQ(machine.read32(result + 12), 1024U);
}

TEST(MachineRwtm, ABoardWithoutBurnedInformation) {
    QtestMachine machine({"-global", "armada3700-rwtm.manufactured=off"});
    EXPECT_EQ(answer_to(machine, 2), fail | no_data | 2);
    EXPECT_EQ(machine.read32(result), 0U);
    EXPECT_EQ(answer_to(machine, 3), fail | no_data | 3) << "nor a key";
}

TEST(MachineRwtm, TellsItsPublicKey) {
    std::string key = "0201ab";
    for (int i = 0; i < 16; ++i) key += "0000000" + std::string(1, "0123456789abcdef"[i]);
    QtestMachine machine({"-global", "armada3700-rwtm.public-key=" + key});
    EXPECT_EQ(answer_to(machine, 3), 0x201abU << 10 | 3);
    EXPECT_EQ(machine.read32(result), 0U);
    EXPECT_EQ(machine.read32(result + 60), 15U);
}

TEST(MachineRwtm, PutsRandomBytesIntoMemory) {
    QtestMachine machine;
    machine.write_memory(0x10'0000, std::string(72, '\0'));
    machine.write32(parameter, 1);
    machine.write32(parameter + 4, 0x10'0004);
    machine.write32(parameter + 8, 64);
    EXPECT_EQ(answer_to(machine, 1), 1U);
    const auto bytes = machine.read_memory(0x10'0000, 72);
    EXPECT_EQ(bytes.substr(0, 4), std::string(4, '\0'));
    EXPECT_EQ(bytes.substr(68), std::string(4, '\0'));
    EXPECT_NE(bytes.substr(4, 64), std::string(64, '\0'));
    EXPECT_EQ(answer_to(machine, 1), 1U);
    EXPECT_NE(machine.read_memory(0x10'0004, 64), bytes.substr(4, 64)) << "others each time";
}

TEST(MachineRwtm, RefusesWhatItDoesNotKnow) {
    QtestMachine machine;
    EXPECT_EQ(answer_to(machine, 7), bad_command | 7) << "fuses are not read";
    machine.write32(parameter, 1);
    machine.write32(parameter + 8, 0xffff'ffff);
    EXPECT_EQ(answer_to(machine, 1), fail | invalid | 1) << "4 GiB of random bytes";
}

TEST(MachineRwtm, InterruptsWhenItIsDone) {
    QtestMachine machine;
    machine.watch_inputs("/machine/gic");
    machine.write32(command, 2);
    EXPECT_NE(machine.level(interrupt), true) << "masked";
    machine.write32(host_interrupt_mask, ~1U);
    EXPECT_EQ(machine.level(interrupt), true);
    machine.write32(host_interrupt, 1);
    EXPECT_EQ(machine.level(interrupt), false);
}

}  // namespace

}  // namespace mox::machine_test
