// The watchdog as its drivers use it: counter 1 is the time, and the end of the short counter 0 starts it
// anew.

#include <gtest/gtest.h>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

using namespace std::chrono_literals;

constexpr auto ctrl(int counter) {
    return registers + 0x8300 + static_cast<std::uint64_t>(counter) * 0x10;
}
constexpr auto count_low(int counter) {
    return ctrl(counter) + 0x4;
}
constexpr auto count_high(int counter) {
    return ctrl(counter) + 0x8;
}
constexpr auto select = registers + 0xd064;

constexpr std::uint32_t enable = 1U << 0U;
constexpr std::uint32_t active = 1U << 1U;
constexpr std::uint32_t by_trigger = 3U << 2U;
constexpr std::uint32_t of_previous = 5U << 4U;
constexpr std::uint32_t divided_by_2 = 2U << 8U;

constexpr std::uint64_t ticks_per_second = 25'000'000 / 2;

class MachineWatchdog : public ::testing::Test {
protected:
    void start(std::uint64_t seconds) {
        const auto ticks = seconds * ticks_per_second;
        machine_.write32(select, 1U << 1U);
        machine_.write32(count_low(0), 20);
        machine_.write32(count_high(0), 0);
        machine_.write32(ctrl(0), divided_by_2);
        machine_.write32(count_low(1), static_cast<std::uint32_t>(ticks));
        machine_.write32(count_high(1), static_cast<std::uint32_t>(ticks >> 32U));
        machine_.write32(ctrl(1), by_trigger | of_previous | divided_by_2 | enable);
        ping();
    }

    void ping() {
        machine_.write32(ctrl(0), divided_by_2);
        machine_.write32(ctrl(0), divided_by_2 | enable);
        machine_.advance(10us);
    }

    /// A reset takes a moment of QEMU's own; the watchdog's registers are 0 then.
    bool has_reset() {
        for (int i = 0; i < 100; ++i) {
            if (machine_.read32(select) == 0) return true;
            machine_.advance(1us);
        }
        return false;
    }

    QtestMachine machine_;
};

TEST_F(MachineWatchdog, IsOffAfterReset) {
    EXPECT_EQ(machine_.read32(select), 0U);
    EXPECT_EQ(machine_.read32(ctrl(1)), 0U);
}

TEST_F(MachineWatchdog, ResetsTheMachineWhenItsTimeIsOver) {
    start(60);
    EXPECT_EQ(machine_.read32(ctrl(1)) & active, active);
    machine_.advance(59s);
    EXPECT_EQ(machine_.read32(select), 2U);
    EXPECT_EQ(machine_.read32(ctrl(1)) & active, active);
    machine_.advance(2s);
    EXPECT_TRUE(has_reset());
}

TEST_F(MachineWatchdog, StartsAnewWithEachPing) {
    start(60);
    for (int i = 0; i < 5; ++i) {
        machine_.advance(50s);
        ping();
    }
    EXPECT_FALSE(has_reset());
}

TEST_F(MachineWatchdog, TellsTheTimeThatIsLeft) {
    start(60);
    machine_.advance(20s);
    const auto left = machine_.read32(count_low(1));
    EXPECT_NEAR(static_cast<double>(left) / ticks_per_second, 40.0, 0.1);
}

TEST_F(MachineWatchdog, CountsMoreThan32Bits) {
    start(600);
    machine_.advance(590s);
    EXPECT_FALSE(has_reset());
    machine_.advance(11s);
    EXPECT_TRUE(has_reset());
}

TEST_F(MachineWatchdog, StopsWhenItIsDisabled) {
    start(60);
    machine_.write32(ctrl(1), by_trigger | of_previous | divided_by_2);
    EXPECT_EQ(machine_.read32(ctrl(1)) & active, 0U);
    machine_.advance(120s);
    EXPECT_FALSE(has_reset());
}

TEST_F(MachineWatchdog, DoesNothingIfItIsNotSelected) {
    start(60);
    machine_.write32(select, 1U << 2U);
    machine_.advance(120s);
    EXPECT_FALSE(has_reset());
    EXPECT_EQ(machine_.read32(ctrl(1)) & active, 0U) << "it has run down all the same";
}

}  // namespace
}  // namespace mox::machine_test
