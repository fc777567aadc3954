// Random descriptors, register values and frames for the Ethernet controller: it answers, and QEMU goes on.
// 3 seconds; MOX_SOAK_SECONDS=60 for more, MOX_SEED=N repeats.

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include "machine/network_port.hpp"
#include "machine/qtest_machine.hpp"

namespace mox::machine_test {

namespace {

/// What decides on traffic: queues, their commands, port, filters, link.
constexpr std::array<std::uint32_t, 40> telling_registers{
    0x1400, 0x1404, 0x1480, 0x1484, 0x14a0, 0x14a4, 0x14c0, 0x14c4, 0x1500, 0x1504,
    0x1cc0, 0x2004, 0x2400, 0x2414, 0x2418, 0x241c, 0x2448, 0x2580, 0x2584, 0x25a4,
    0x25b0, 0x25b4, 0x25b8, 0x2680, 0x2c00, 0x2c08, 0x2c0c, 0x3000, 0x3500, 0x3600,
    0x3c00, 0x3c04, 0x3c1c, 0x3c20, 0x3c24, 0x3c3c, 0x3c60, 0x3c64, 0x3c7c, 0x3cf0};

std::uint64_t chosen_seed() {
    const char* given = std::getenv("MOX_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

std::chrono::seconds duration() {
    const char* given = std::getenv("MOX_SOAK_SECONDS");
    return std::chrono::seconds(given != nullptr ? std::strtoul(given, nullptr, 10) : 3);
}

class WildDriver {
public:
    WildDriver(QtestMachine& machine, Cable& cable, std::uint64_t seed)
        : machine_(machine), cable_(cable), port_(machine), random_(seed) {}

    void act() {
        switch (pick(8)) {
            case 0:
                return begin();
            case 1:
                return send_frame();
            case 2:
                return put_descriptor(NetworkPort::tx_ring);
            case 3:
                return put_descriptor(NetworkPort::rx_ring);
            case 4:
                return add_descriptors();
            case 5:
                return machine_.advance(std::chrono::microseconds(pick(1000)));
            case 6:
                static_cast<void>(port_.read(4 * pick(0x1000)));
                return;
            default:
                return port_.write(telling_registers.at(pick(telling_registers.size())), value());
        }
    }

private:
    std::uint32_t pick(std::size_t limit) {
        return static_cast<std::uint32_t>(std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_));
    }

    std::uint32_t value() {
        const auto any = static_cast<std::uint32_t>(random_());
        switch (pick(5)) {
            case 0:
                return 1U << pick(32);
            case 1:
                return any & 0xff;
            case 2:
                return any & 0x00ff'00ff;
            case 3:
                return address();
            default:
                return any;
        }
    }

    /// In memory, in this controller, in another device, anywhere.
    std::uint32_t address() {
        const auto any = static_cast<std::uint32_t>(random_());
        switch (pick(4)) {
            case 0:
                return 0xd003'0000 + any % 0x4000;
            case 1:
                return 0xd001'2000 + any % 0x18;
            case 2:
                return any;
            default:
                return NetworkPort::tx_ring + any % 0x2000;
        }
    }

    void begin() {
        if (pick(4) == 0) port_.start(std::string("\xd8\x58\xd7\x00\x00\x01", 6));
    }

    void put_descriptor(std::uint32_t ring) {
        const auto at = ring + 32 * pick(NetworkPort::ring_size);
        machine_.write32(at, pick(2) == 0 ? value() : value() | 3U << 20);
        machine_.write32(at + 4, pick(2) == 0 ? value() : pick(1600) << 16);
        machine_.write32(at + 8, address());
    }

    void add_descriptors() {
        const auto queue = 4 * pick(8);
        if (pick(2) == 0)
            port_.write(0x3c60 + queue, value());
        else
            port_.write(0x1500 + queue, value());
    }

    void send_frame() {
        std::string frame(pick(3) == 0 ? pick(9000) : 14 + pick(200), '\0');
        for (auto& byte : frame) byte = static_cast<char>(random_());
        if (pick(2) == 0) frame.replace(0, std::min<std::size_t>(6, frame.size()), std::string(6, '\xff'));
        if (pick(3) == 0 && frame.size() > 24) frame.replace(12, 3, std::string("\x08\x00\x45", 3));
        if (!frame.empty()) cable_.send_if_possible(frame);
    }

    QtestMachine& machine_;
    Cable& cable_;
    NetworkPort port_;
    std::mt19937_64 random_;
};

TEST(MachineNetworkFuzz, AnswersAWildDriver) {
    const auto seed = chosen_seed();
    std::cout << "MOX_SEED=" << seed << '\n';
    Cable cable;
    QtestMachine machine(cable.options());
    WildDriver driver(machine, cable, seed);
    const auto end = std::chrono::steady_clock::now() + duration();
    std::uint64_t count = 0;
    for (; std::chrono::steady_clock::now() < end; ++count) {
        driver.act();
        cable.discard();
    }
    std::cout << count << " actions\n";
    EXPECT_TRUE(machine.is_running());
    EXPECT_GT(count, 100U);
}

}  // namespace

}  // namespace mox::machine_test
