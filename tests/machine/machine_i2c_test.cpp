#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {

namespace {

constexpr std::uint64_t i2c = registers + 0x1'1000;
constexpr std::uint64_t idbr = i2c + 4;
constexpr std::uint64_t icr = i2c + 8;
constexpr std::uint64_t isr = i2c + 0xc;
constexpr std::uint32_t start = 1U << 0;
constexpr std::uint32_t stop = 1U << 1;
constexpr std::uint32_t nack = 1U << 2;
constexpr std::uint32_t transfer = 1U << 3;
constexpr std::uint32_t enable = 1U << 6;
constexpr std::uint32_t interrupts = 7U << 8;
constexpr std::uint32_t reading = 1U << 0;
constexpr std::uint32_t not_acknowledged = 1U << 1;
constexpr std::uint32_t busy = 1U << 2;
constexpr std::uint32_t sent = 1U << 6;
constexpr std::uint32_t received = 1U << 7;
constexpr std::uint32_t bus_error = 1U << 10;
constexpr std::uint8_t clock_address = 0x6f;
constexpr int interrupt = 1;

// 2026-11-27, a Friday, 23:59:58
const std::vector<std::string> a_time{"-rtc", "base=2026-11-27T23:59:58,clock=vm"};

class MachineI2c : public ::testing::Test {
protected:
    void send(std::uint8_t byte, std::uint32_t flags) {
        machine_.write32(isr, 0x7f0);
        machine_.write32(idbr, byte);
        machine_.write32(icr, enable | transfer | flags);
    }

    void write_clock(std::uint8_t reg, const std::vector<std::uint8_t>& bytes) {
        send(clock_address << 1, start);
        send(reg, 0);
        for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes[i], i + 1 == bytes.size() ? stop : 0);
    }

    std::vector<std::uint8_t> read_clock(std::uint8_t reg, std::size_t count) {
        send(clock_address << 1, start);
        send(reg, 0);
        send(clock_address << 1 | 1, start);
        std::vector<std::uint8_t> bytes;
        for (std::size_t i = 0; i < count; ++i) {
            machine_.write32(icr, enable | transfer | (i + 1 == count ? nack | stop : 0));
            bytes.push_back(static_cast<std::uint8_t>(machine_.read32(idbr)));
        }
        return bytes;
    }

    QtestMachine machine_{a_time};
};

using Bytes = std::vector<std::uint8_t>;

TEST_F(MachineI2c, HasItsResetValues) {
    EXPECT_EQ(machine_.read32(i2c), 3U) << "both lines are high";
    EXPECT_EQ(machine_.read32(icr), 0U);
    EXPECT_EQ(machine_.read32(isr), 0U);
}

TEST_F(MachineI2c, AnAddressIsAnswered) {
    send(clock_address << 1, start);
    EXPECT_EQ(machine_.read32(isr), busy | sent);
    EXPECT_EQ(machine_.read32(icr) & transfer, 0U);
    send(clock_address << 1 | 1, start);
    EXPECT_EQ(machine_.read32(isr), busy | sent | reading);
    machine_.write32(icr, enable | transfer | nack | stop);
    EXPECT_EQ(machine_.read32(isr) & (busy | received | reading), received);
}

TEST_F(MachineI2c, NobodyAnswersAtAnotherAddress) {
    send(0x50 << 1, start);
    EXPECT_EQ(machine_.read32(isr), sent | bus_error | not_acknowledged);
    send(0, 0);
    EXPECT_EQ(machine_.read32(isr) & bus_error, bus_error) << "a byte without a start";
}

TEST_F(MachineI2c, NothingHappensWhileItIsOff) {
    machine_.write32(idbr, clock_address << 1);
    machine_.write32(icr, transfer | start);
    EXPECT_EQ(machine_.read32(isr), 0U);
}

TEST_F(MachineI2c, InterruptsAreAskedForAndCleared) {
    machine_.watch_inputs("/machine/gic");
    send(clock_address << 1, start);
    EXPECT_NE(machine_.level(interrupt), true);
    send(0, interrupts);
    EXPECT_EQ(machine_.level(interrupt), true);
    machine_.write32(isr, sent);
    EXPECT_EQ(machine_.level(interrupt), false);
    send(0x50 << 1, start | interrupts);
    EXPECT_EQ(machine_.level(interrupt), true);
    machine_.write32(icr, interrupts);
    EXPECT_EQ(machine_.level(interrupt), false) << "off";
}

TEST_F(MachineI2c, TheClockTellsTheTime) {
    EXPECT_EQ(read_clock(0, 7), (Bytes{0x80 | 0x58, 0x59, 0x23, 0x20 | 0x08 | 6, 0x27, 0x11, 0x26}));
    machine_.advance(std::chrono::seconds(3));
    EXPECT_EQ(read_clock(0, 7), (Bytes{0x80 | 0x01, 0x00, 0x00, 0x20 | 0x08 | 7, 0x28, 0x11, 0x26}));
}

TEST_F(MachineI2c, TheClockIsSetAndGoesOn) {
    write_clock(0, {0x80 | 0x30, 0x15, 0x12, 0x08 | 1, 0x29, 0x02, 0x28});
    machine_.advance(std::chrono::seconds(5));
    EXPECT_EQ(read_clock(0, 7), (Bytes{0x80 | 0x35, 0x15, 0x12, 0x20 | 0x08 | 1, 0x29, 0x20 | 0x02, 0x28}));
    machine_.qmp("system_reset");
    machine_.command("clock_step 1000000000");
    EXPECT_EQ(read_clock(0, 1), (Bytes{0x80 | 0x36})) << "it has a battery";
}

TEST_F(MachineI2c, TheClockCountsTwelveHours) {
    write_clock(2, {0x40 | 0x20 | 0x11});  // 11 pm
    EXPECT_EQ(read_clock(2, 1), (Bytes{0x40 | 0x20 | 0x11}));
    machine_.advance(std::chrono::hours(1));
    EXPECT_EQ(read_clock(2, 1), (Bytes{0x40 | 0x12})) << "midnight";
}

TEST_F(MachineI2c, TheClockCanBeStopped) {
    write_clock(0, {0x20});
    machine_.advance(std::chrono::seconds(5));
    EXPECT_EQ(read_clock(0, 1), (Bytes{0x20}));
    EXPECT_EQ(read_clock(3, 1).at(0) & 0x20, 0) << "the oscillator does not run";
    write_clock(0, {0x80 | 0x20});
    machine_.advance(std::chrono::seconds(2));
    EXPECT_EQ(read_clock(0, 1), (Bytes{0x80 | 0x22}));
}

TEST_F(MachineI2c, TheClockHasMemory) {
    write_clock(0x20, {1, 2, 3});
    EXPECT_EQ(read_clock(0x21, 2), (Bytes{2, 3}));
    EXPECT_EQ(read_clock(0x5f, 2).at(1), 0x80 | 0x58) << "behind the last comes the first";
}

TEST_F(MachineI2c, TheClockWakes) {
    machine_.watch_outputs("/machine/rtc");
    write_clock(0x0a, {0x01, 0x00, 0x00, 0x70 | 7, 0x28, 0x11});  // 28th, 0:00:01, all of it, active low
    write_clock(7, {0x90});
    EXPECT_EQ(machine_.level(0).value_or(true), true);
    machine_.advance(std::chrono::seconds(2));
    EXPECT_EQ(machine_.level(0).value_or(true), true);
    machine_.advance(std::chrono::seconds(1));
    EXPECT_EQ(machine_.level(0), false);
    EXPECT_EQ(read_clock(0x0d, 1), (Bytes{0x70 | 0x08 | 7}));
    write_clock(0x0d, {0x70 | 7});
    EXPECT_EQ(machine_.level(0), true);
}

}  // namespace

}  // namespace mox::machine_test
