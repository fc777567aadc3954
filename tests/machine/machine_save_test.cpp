#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "machine/network_port.hpp"
#include "machine/qtest_machine.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;

namespace mox::machine_test {

namespace {

constexpr std::uint64_t lane2_index = registers + 0xe'0178;
constexpr std::uint64_t rwtm_parameter = registers + 0xb'0000;
constexpr std::uint64_t i2c_data = registers + 0x1'1004;
constexpr std::uint64_t sb_pins = registers + 0x1'8800;
constexpr std::uint64_t no_device = registers + 0x1'4000;

/// Stores the whole machine in a file.
void save(QtestMachine& machine, const std::filesystem::path& file) {
    machine.qmp("migrate", R"({"uri":"exec:cat > )" + file.string() + R"("})");
    for (int tries = 0; tries < 600; ++tries) {
        const auto state = machine.qmp("query-migrate");
        if (state.find(R"("status": "completed")") != std::string::npos) return;
        if (state.find(R"("status": "failed")") != std::string::npos) FAIL() << state;
        std::this_thread::sleep_for(100ms);
    }
    FAIL() << "saving takes more than a minute";
}

void wait_until_restored(QtestMachine& machine) {
    for (int tries = 0; tries < 600; ++tries) {
        const auto state = machine.qmp("query-status");
        if (state.find("inmigrate") == std::string::npos) return;
        std::this_thread::sleep_for(100ms);
    }
    FAIL() << "restoring takes more than a minute";
}

TEST(MachineSave, AMachineGoesOnAfterItWasSaved) {
    const test_support::TemporaryDirectory directory;
    const auto file = directory / "saved";
    const Cable cable;
    {
        QtestMachine machine(cable.options());
        NetworkPort port(machine);
        port.start(std::string("\xd8\x58\xd7\x00\x00\x01", 6));
        port.write(0x2448, 1U << 8);
        port.send({ethernet_frame(std::string(6, '\xff'), 0x88b5, std::string(100, 'a'))});
        port.write_phy(22, 6);
        machine.write32(lane2_index, 0x123);
        machine.write32(rwtm_parameter, 0x1234);
        machine.write32(i2c_data, 0x56);
        machine.write32(sb_pins + 0x18, 1U << 20);
        machine.write32(no_device, 0xabcd);
        machine.set_input("/machine/front-panel", 0, true);
        save(machine, file);
    }
    auto options = cable.options();
    options.insert(options.end(), {"-incoming", "exec:cat " + file.string()});
    QtestMachine machine(options);
    wait_until_restored(machine);
    NetworkPort port(machine);
    EXPECT_EQ(port.read(0x3c40), 1U) << "the frame waits";
    EXPECT_EQ(port.read(0x14e0), NetworkPort::ring_size << 16);
    EXPECT_EQ(port.read_phy(27), 70) << "page 6";
    EXPECT_EQ(machine.read32(lane2_index), 0x123U);
    EXPECT_EQ(machine.read32(rwtm_parameter), 0x1234U);
    EXPECT_EQ(machine.read32(i2c_data), 0x56U);
    EXPECT_EQ(machine.read32(sb_pins + 0x18), 1U << 20);
    EXPECT_EQ(machine.read32(no_device), 0xabcdU);
    EXPECT_EQ(machine.qmp("qom-get", R"({"path":"/machine/front-panel","property":"pressed"})"),
              R"({"return": true})");
    port.write(0x2448, 1);
    // A restored machine first tells the network where it is now.
    std::string type = "\x80\x35";
    while (type == "\x80\x35") type = cable.received().value_or(std::string(14, '!')).substr(12, 2);
    EXPECT_EQ(type, "\x88\xb5");
}

}  // namespace

}  // namespace mox::machine_test
