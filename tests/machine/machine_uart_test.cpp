// UART 0: what a driver reads after reset, what it prints and is told, and its three interrupts.

#include <gtest/gtest.h>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

constexpr auto uart = registers + 0x12000;
constexpr auto rbr = uart + 0x0;
constexpr auto tsh = uart + 0x4;
constexpr auto ctrl = uart + 0x8;
constexpr auto stat = uart + 0xc;
constexpr auto brdv = uart + 0x10;

// STAT
constexpr std::uint32_t rx_ready = 1U << 4U;
constexpr std::uint32_t idle = 1U << 13U | 1U << 6U | 1U << 5U;  // transmitter: FIFO empty, empty, ready
// CTRL
constexpr std::uint32_t rx_interrupt = 1U << 4U;
constexpr std::uint32_t tx_interrupt = 1U << 5U;
constexpr std::uint32_t rx_fifo_reset = 1U << 14U;
constexpr std::uint32_t soft_reset = 1U << 31U;

constexpr int sum_irq = 11;
constexpr int tx_irq = 12;
constexpr int rx_irq = 13;

constexpr auto gic = "/machine/gic";

/// What is typed comes by a way of its own: until it has come.
bool arrives(QtestMachine& machine) {
    for (int i = 0; i < 1000; ++i) {
        if ((machine.read32(stat) & rx_ready) != 0) return true;
        machine.advance(std::chrono::milliseconds(1));
    }
    return false;
}

TEST(MachineUart, IsIdleAfterReset) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(stat), idle);
    EXPECT_EQ(machine.read32(ctrl), 0U);
    EXPECT_EQ(machine.read32(rbr), 0U);
}

TEST(MachineUart, PrintsWhatIsWritten) {
    QtestMachine machine;
    for (const char letter : std::string("MOX")) machine.write32(tsh, static_cast<unsigned char>(letter));
    EXPECT_EQ(machine.printed(3), "MOX");
}

TEST(MachineUart, GivesWhatIsTypedInOrder) {
    QtestMachine machine;
    machine.type("ab");
    ASSERT_TRUE(arrives(machine));
    EXPECT_EQ(machine.read32(rbr), 'a');
    ASSERT_TRUE(arrives(machine));
    EXPECT_EQ(machine.read32(rbr), 'b');
    EXPECT_EQ(machine.read32(stat), idle);
}

TEST(MachineUart, EmptiesItsReceiver) {
    QtestMachine machine;
    machine.type("a");
    ASSERT_TRUE(arrives(machine));
    machine.write32(ctrl, rx_fifo_reset);
    EXPECT_EQ(machine.read32(stat), idle);
}

TEST(MachineUart, InterruptsWhenSomethingWasTyped) {
    QtestMachine machine;
    machine.watch_inputs(gic);
    machine.write32(ctrl, rx_interrupt);
    EXPECT_NE(machine.level(rx_irq), true);
    machine.type("a");
    ASSERT_TRUE(arrives(machine));
    EXPECT_EQ(machine.level(rx_irq), true);
    EXPECT_EQ(machine.level(sum_irq), true);
    EXPECT_NE(machine.level(tx_irq), true);
    static_cast<void>(machine.read32(rbr));
    EXPECT_EQ(machine.level(rx_irq), false);
    EXPECT_EQ(machine.level(sum_irq), false);
}

TEST(MachineUart, InterruptsAsLongAsTheTransmitterIsReadyAndAsked) {
    QtestMachine machine;
    machine.watch_inputs(gic);
    machine.write32(ctrl, tx_interrupt);
    EXPECT_EQ(machine.level(tx_irq), true);
    EXPECT_EQ(machine.level(sum_irq), true);
    machine.write32(ctrl, 0);
    EXPECT_EQ(machine.level(tx_irq), false);
    EXPECT_EQ(machine.level(sum_irq), false);
}

TEST(MachineUart, KeepsItsBaudRateAndForgetsItsSoftReset) {
    QtestMachine machine;
    machine.write32(brdv, 0x1234);
    EXPECT_EQ(machine.read32(brdv), 0x1234U);
    machine.write32(ctrl, soft_reset | rx_interrupt);
    EXPECT_EQ(machine.read32(ctrl), rx_interrupt);
}

}  // namespace
}  // namespace mox::machine_test
