#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {

namespace {

constexpr std::uint64_t spi = registers + 0x1'0600;
constexpr std::uint32_t chip_select_1 = 1U << 17;

using Bytes = std::vector<std::uint8_t>;

/// Shifts out zeros with the modules selected.
Bytes look(QtestMachine& machine, std::size_t count) {
    Bytes bytes;
    machine.write32(spi, chip_select_1);
    for (std::size_t i = 0; i < count; ++i) {
        machine.write32(spi + 8, 0);
        bytes.push_back(static_cast<std::uint8_t>(machine.read32(spi + 0xc)));
    }
    machine.write32(spi, 0);
    return bytes;
}

TEST(MachineMoxtet, ABoardWithoutModules) {
    QtestMachine machine;
    EXPECT_EQ(look(machine, 4), (Bytes{0x10, 0xff, 0xff, 0xff}));
    EXPECT_EQ(look(machine, 2), (Bytes{0x10, 0xff})) << "each look begins at the CPU";
}

TEST(MachineMoxtet, ModulesByNameAndByLetter) {
    QtestMachine machine({"-global", "mox-moxtet.modules=G:topaz+D"});
    EXPECT_EQ(look(machine, 5), (Bytes{0x10, 0x06, 0x03, 0x01, 0xff}));
}

TEST(MachineMoxtet, ABoardWithAnEmmc) {
    QtestMachine machine({"-global", "mox-moxtet.emmc=on", "-global", "mox-moxtet.modules=b"});
    EXPECT_EQ(look(machine, 3), (Bytes{0x00, 0x02, 0xff}));
}

TEST(MachineMoxtet, ShowsInputsOfAModule) {
    QtestMachine machine({"-global", "mox-moxtet.modules=sfp+peridot"});
    machine.set_input("/machine/moxtet", 4 + 1, true, "inputs");
    EXPECT_EQ(look(machine, 3), (Bytes{0x10, 0x01, 0x24}));
    machine.set_input("/machine/moxtet", 4 + 1, false, "inputs");
    EXPECT_EQ(look(machine, 3), (Bytes{0x10, 0x01, 0x04}));
}

TEST(MachineMoxtet, RefusesAModuleThatThereIsNot) {
    EXPECT_THROW(
        {
            QtestMachine machine({"-global", "mox-moxtet.modules=toaster"});
            static_cast<void>(look(machine, 1));
        },
        std::runtime_error);
}

}  // namespace

}  // namespace mox::machine_test
