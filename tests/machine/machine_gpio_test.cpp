// Pins of both bridges: levels, directions, edges of both kinds and the interrupts; the LED, the button and
// the card's switch are wired to them.

#include <gtest/gtest.h>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

/// One bridge's registers.
struct Bridge {
    std::uint64_t pins;
    std::uint64_t interrupts;
    const char* device;
    int irq;

    [[nodiscard]] std::uint64_t out_en() const { return pins; }
    [[nodiscard]] std::uint64_t input() const { return pins + 0x10; }
    [[nodiscard]] std::uint64_t out_val() const { return pins + 0x18; }
    [[nodiscard]] std::uint64_t irq_en() const { return interrupts; }
    [[nodiscard]] std::uint64_t irq_pol() const { return interrupts + 0x8; }
    [[nodiscard]] std::uint64_t irq_status() const { return interrupts + 0x10; }
};

constexpr Bridge north{registers + 0x13800, registers + 0x13c00, "/machine/gpio-nb", 51};
constexpr Bridge south{registers + 0x18800, registers + 0x18c00, "/machine/gpio-sb", 160};

constexpr int free_pin = 7;
constexpr int button_pin = 20;
constexpr int led_pin = 21;
constexpr int high_pin = 35;  // of the north bridge, in the second word
constexpr auto gic = "/machine/gic";

constexpr std::uint32_t bit(int pin) {
    return 1U << static_cast<unsigned>(pin % 32);
}

class MachineGpio : public ::testing::TestWithParam<Bridge> {};
INSTANTIATE_TEST_SUITE_P(Bridges, MachineGpio, ::testing::Values(north, south), [](const auto& bridge) {
    return bridge.param.irq == north.irq ? "North" : "South";
});

TEST_P(MachineGpio, HasInputsThatArePulledUpAfterReset) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    EXPECT_EQ(machine.read32(bridge.out_en()), 0U);
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), bit(free_pin));
    machine.set_input(bridge.device, free_pin, false);
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), 0U);
}

TEST_P(MachineGpio, DrivesAnOutput) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    machine.watch_outputs(bridge.device);
    // qtest takes every line for low until it has seen it high.
    machine.write32(bridge.out_en(), bit(free_pin));
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), 0U);
    machine.write32(bridge.out_val(), bit(free_pin));
    EXPECT_EQ(machine.level(free_pin), true);
    machine.write32(bridge.out_val(), 0);
    EXPECT_EQ(machine.level(free_pin), false);
    machine.write32(bridge.out_val(), bit(free_pin));
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), bit(free_pin)) << "an output can be read";
    machine.set_input(bridge.device, free_pin, false);
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), bit(free_pin))
        << "it is not driven from outside";
}

TEST_P(MachineGpio, LatchesTheEdgeThatIsAskedForAndInterrupts) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    machine.watch_inputs(gic);
    machine.write32(bridge.irq_pol(), bit(free_pin));  // falling
    machine.write32(bridge.irq_en(), bit(free_pin));
    machine.set_input(bridge.device, free_pin, false);
    EXPECT_EQ(machine.read32(bridge.irq_status()), bit(free_pin));
    EXPECT_EQ(machine.level(bridge.irq), true);

    machine.write32(bridge.irq_status(), bit(free_pin));
    EXPECT_EQ(machine.read32(bridge.irq_status()), 0U);
    EXPECT_EQ(machine.level(bridge.irq), false);

    machine.set_input(bridge.device, free_pin, true);
    EXPECT_EQ(machine.read32(bridge.irq_status()), 0U) << "rising was not asked for";
    EXPECT_EQ(machine.level(bridge.irq), false);
}

// Linux has both edges by turning the polarity over at each.
TEST_P(MachineGpio, GivesBothEdgesToADriverThatTurnsThePolarity) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    machine.write32(bridge.irq_en(), bit(free_pin));
    for (const bool high : {false, true, false, true}) {
        machine.write32(bridge.irq_pol(), high ? 0 : bit(free_pin));
        machine.set_input(bridge.device, free_pin, high);
        EXPECT_EQ(machine.read32(bridge.irq_status()), bit(free_pin));
        machine.write32(bridge.irq_status(), bit(free_pin));
    }
}

TEST_P(MachineGpio, IsQuietWithoutItsEnableBit) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    machine.watch_inputs(gic);
    machine.write32(bridge.irq_pol(), bit(free_pin));
    machine.set_input(bridge.device, free_pin, false);
    EXPECT_NE(machine.level(bridge.irq), true);
    machine.write32(bridge.irq_en(), bit(free_pin));
    EXPECT_EQ(machine.level(bridge.irq), true) << "the edge was latched all the same";
}

TEST_P(MachineGpio, ResetMakesInputsAndLeavesWhatIsOutside) {
    const auto& bridge = GetParam();
    QtestMachine machine;
    machine.set_input(bridge.device, free_pin, false);
    machine.write32(bridge.out_en(), bit(free_pin));
    machine.write32(bridge.out_val(), bit(free_pin));
    machine.write32(bridge.irq_en(), bit(free_pin));
    machine.qmp("system_reset");
    machine.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(machine.read32(bridge.out_en()), 0U);
    EXPECT_EQ(machine.read32(bridge.irq_en()), 0U);
    EXPECT_EQ(machine.read32(bridge.irq_status()), 0U);
    EXPECT_EQ(machine.read32(bridge.input()) & bit(free_pin), 0U) << "a finger stays where it is";
}

TEST(MachineGpioNorth, HasPinsInASecondWord) {
    QtestMachine machine;
    machine.watch_inputs(gic);
    EXPECT_EQ(machine.read32(north.input() + 4), 0xfU) << "36 pins";
    machine.write32(north.irq_pol() + 4, bit(high_pin));
    machine.write32(north.irq_en() + 4, bit(high_pin));
    machine.set_input(north.device, high_pin, false);
    EXPECT_EQ(machine.read32(north.irq_status() + 4), bit(high_pin));
    EXPECT_EQ(machine.level(north.irq), true);
}

TEST(MachineGpioSouth, Has30Pins) {
    QtestMachine machine;
    EXPECT_EQ(machine.read32(south.input()), 0x3fffffffU);
    machine.write32(south.out_en(), 0xffffffff);
    EXPECT_EQ(machine.read32(south.out_en()), 0x3fffffffU);
}

// High: there is a card. The socket's switch follows the medium.
TEST(MachineGpioNorth, ShowsWhetherThereIsACard) {
    constexpr int card_detect = 10;
    QtestMachine machine;
    EXPECT_EQ(machine.read32(north.input()) & bit(card_detect), 0U);
}

}  // namespace
}  // namespace mox::machine_test
