// Random accesses to the registers of every device, one device at a time: no crash, no assertion, no endless
// loop. 3 seconds each; MOX_SOAK_SECONDS=60 for more, MOX_SEED=N repeats.

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <random>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

struct Range {
    std::uint64_t from;
    std::uint64_t size;
};

struct Device {
    const char* name;
    std::vector<Range> ranges;  ///< relative to the internal registers
};

const std::vector<Device> devices{
    {"regs", {{0x0, 0x8000}, {0xcf00, 0x100}, {0x14000, 0x1000}}},
    {"uart", {{0x12000, 0x18}}},
    {"clock", {{0x13000, 0x300}, {0x18000, 0x100}}},
    {"gpio", {{0x13800, 0x60}, {0x13c00, 0x20}, {0x18800, 0x60}, {0x18c00, 0x20}}},
    {"watchdog", {{0x8300, 0x40}, {0xd064, 4}}},
    {"spi", {{0x10600, 0x30}}},
    {"sdhci", {{0xd8000, 0x200}}},
    {"i2c", {{0x11000, 0x24}}},
    {"ethernet", {{0x30000, 0x4000}, {0x40000, 0x4000}}},
    {"rwtm", {{0xb0000, 0x100}}},
    {"phys",
     {{0x18300, 0x300},
      {0x1f000, 0x1000},
      {0x5c000, 0x1000},
      {0xe0178, 8},
      {0x5d000, 0x1000},
      {0x5f000, 0x1000}}},
    {"xhci", {{0x58000, 0x4000}}},
    {"ehci", {{0x5e000, 0x1000}}},
    {"gic", {{0x1d00000, 0x10000}, {0x1d40000, 0x20000}}},
};

std::uint64_t seed() {
    const char* given = std::getenv("MOX_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

std::chrono::seconds duration() {
    const char* given = std::getenv("MOX_SOAK_SECONDS");
    return std::chrono::seconds(given != nullptr ? std::strtoul(given, nullptr, 10) : 3);
}

class RandomAccess {
public:
    RandomAccess(QtestMachine& machine, const Device& device, std::uint64_t seed)
        : machine_(machine), device_(device), random_(seed) {}

    void make_one() {
        if (pick(50) == 0) {
            note("clock_step " + std::to_string(pick(2'000'000'000)));
            return;
        }
        const auto& range = device_.ranges[pick(device_.ranges.size())];
        const auto width = pick(3);  // 1, 2 or 4 bytes
        const auto address = registers + range.from + (pick(range.size) >> width << width);
        const std::string suffix{"bwl"[width]};
        if (pick(3) == 0)
            note("read" + suffix + " " + std::to_string(address));
        else
            note("write" + suffix + " " + std::to_string(address) + " " + std::to_string(value()));
    }

    /// The last commands, in qtest's own words.
    [[nodiscard]] std::string story() const {
        std::string text;
        for (const auto& line : last_) text += line + "\n";
        return text;
    }

private:
    std::uint64_t pick(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
    }

    /// Often what a driver writes: few bits, small numbers, addresses in memory.
    std::uint32_t value() {
        const auto any = static_cast<std::uint32_t>(random_());
        switch (pick(5)) {
            case 0:
                return 1U << pick(32);
            case 1:
                return any & 0xffU;
            case 2:
                return any & 0x1ffff000U;
            case 3:
                return 0xffffffffU;
            default:
                return any;
        }
    }

    void note(std::string command) {
        last_.push_back(command);
        if (last_.size() > 40) last_.pop_front();
        machine_.command(command);
    }

    QtestMachine& machine_;
    const Device& device_;
    std::mt19937_64 random_;
    std::deque<std::string> last_;
};

class MachineFuzz : public ::testing::TestWithParam<Device> {};
INSTANTIATE_TEST_SUITE_P(Devices, MachineFuzz, ::testing::ValuesIn(devices),
                         [](const auto& device) { return std::string(device.param.name); });

TEST_P(MachineFuzz, SurvivesRandomAccesses) {
    const auto chosen = seed();
    test_support::TemporaryDirectory directory;
    for (const auto* name : {"nor", "card"}) std::ofstream(directory / name).close();
    std::filesystem::resize_file(directory / "nor", 8UL * 1024 * 1024);
    std::filesystem::resize_file(directory / "card", 64UL * 1024 * 1024);
    QtestMachine machine({"-nic", "user,restrict=on", "-drive",
                          "if=mtd,format=raw,file=" + (directory / "nor").string(), "-drive",
                          "if=sd,format=raw,file=" + (directory / "card").string()});
    RandomAccess accesses(machine, GetParam(), chosen);
    const auto end = std::chrono::steady_clock::now() + duration();
    std::uint64_t count = 0;
    try {
        for (; std::chrono::steady_clock::now() < end; ++count) {
            accesses.make_one();
            if (count % 1000 == 0) machine.discard_printed();
        }
    } catch (const std::exception& failure) {
        FAIL() << "MOX_SEED=" << chosen << ", access " << count << ": " << failure.what() << "\nlast:\n"
               << accesses.story();
    }
    std::cout << "MOX_SEED=" << chosen << ": " << count << " accesses\n";
    EXPECT_TRUE(machine.is_running());
}

}  // namespace
}  // namespace mox::machine_test
