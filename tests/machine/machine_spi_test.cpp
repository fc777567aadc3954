// SPI controller and the NOR on it: transfers by single bytes as U-Boot makes them, and through the FIFOs as
// Linux does.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

constexpr auto ctrl = registers + 0x10600;
constexpr auto cfg = ctrl + 0x4;
constexpr auto dout = ctrl + 0x8;
constexpr auto din = ctrl + 0xc;
constexpr auto inst = ctrl + 0x10;
constexpr auto addr = ctrl + 0x14;
constexpr auto hdr_cnt = ctrl + 0x1c;
constexpr auto din_cnt = ctrl + 0x20;
constexpr auto int_stat = ctrl + 0x28;
constexpr auto int_mask = ctrl + 0x2c;

// CTRL
constexpr std::uint32_t xfer_done = 1U << 0U;
constexpr std::uint32_t xfer_ready = 1U << 1U;
constexpr std::uint32_t rfifo_ready = 1U << 2U;
constexpr std::uint32_t wfifo_ready = 1U << 3U;
constexpr std::uint32_t rfifo_empty = 1U << 4U;
constexpr std::uint32_t wfifo_empty = 1U << 6U;
constexpr std::uint32_t idle = xfer_done | xfer_ready | wfifo_ready | rfifo_empty | wfifo_empty;
constexpr std::uint32_t select_nor = 1U << 16U;
constexpr std::uint32_t select_none = 0;
// CFG
constexpr std::uint32_t four_bytes = 1U << 5U;
constexpr std::uint32_t write_direction = 1U << 8U;
constexpr std::uint32_t flush = 1U << 9U;
constexpr std::uint32_t stop = 1U << 14U;
constexpr std::uint32_t start = 1U << 15U;
constexpr std::uint32_t fifo_mode = 1U << 17U;

// The NOR's commands
constexpr std::uint32_t read_id = 0x9f;
constexpr std::uint32_t read_data = 0x03;
constexpr std::uint32_t fast_read = 0x0b;
constexpr std::uint32_t write_enable = 0x06;
constexpr std::uint32_t page_program = 0x02;
constexpr std::uint32_t sector_erase = 0xd8;

constexpr std::size_t nor_size = 8 * 1024 * 1024;

/// A NOR whose byte at n is n modulo 251, in a file.
class MachineSpi : public ::testing::Test {
protected:
    MachineSpi() {
        std::string content(nor_size, '\0');
        for (std::size_t i = 0; i < content.size(); ++i) content[i] = pattern(i);
        std::ofstream(file_, std::ios::binary) << content;
        machine_.emplace(std::vector<std::string>{"-drive", "if=mtd,format=raw,file=" + file_.string()});
    }

    static char pattern(std::size_t at) { return static_cast<char>(at % 251); }
    QtestMachine& machine() { return *machine_; }

    std::uint8_t exchange(std::uint32_t byte) {
        machine().write32(dout, byte);
        return static_cast<std::uint8_t>(machine().read32(din));
    }

    void simple_command(std::uint32_t command) {
        machine().write32(ctrl, select_nor);
        exchange(command);
        machine().write32(ctrl, select_none);
    }

    void send_address(std::uint32_t address) {
        for (const unsigned shift : {16U, 8U, 0U}) exchange(address >> shift & 0xffU);
    }

    /// With the FIFOs, as Linux: the header, then `count` bytes.
    std::string fifo_read(std::uint32_t command, std::uint32_t address, int address_bytes,
                          std::size_t count) {
        machine().write32(ctrl, select_nor);
        machine().write32(inst, command);
        machine().write32(addr, address);
        machine().write32(hdr_cnt, 1U | static_cast<std::uint32_t>(address_bytes) << 4U);
        machine().write32(din_cnt, static_cast<std::uint32_t>(count));
        machine().write32(cfg, fifo_mode | flush);
        machine().write32(dout, 0);
        machine().write32(cfg, fifo_mode | start | four_bytes);
        std::string bytes;
        while (bytes.size() < count) {
            EXPECT_NE(machine().read32(ctrl) & rfifo_ready, 0U);
            auto word = machine().read32(din);
            for (std::size_t i = 0; i < 4 && bytes.size() < count; ++i, word >>= 8U)
                bytes.push_back(static_cast<char>(word));
        }
        EXPECT_EQ(machine().read32(ctrl) & 0xffffU, idle);
        EXPECT_EQ(machine().read32(cfg) & start, 0U) << "a transfer that is complete has stopped by itself";
        machine().write32(ctrl, select_none);
        return bytes;
    }

    std::string content(std::uint32_t address, std::size_t count) {
        return fifo_read(read_data, address, 3, count);
    }

    test_support::TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_ / "nor";
    std::optional<QtestMachine> machine_;
};

TEST_F(MachineSpi, IsReadyAfterReset) {
    EXPECT_EQ(machine().read32(ctrl), idle);
    EXPECT_EQ(machine().read32(int_stat), idle);
    EXPECT_EQ(machine().read32(cfg), 0U);
}

TEST_F(MachineSpi, ReadsTheNorsIdByteByByte) {
    machine().write32(ctrl, select_nor);
    exchange(read_id);
    EXPECT_EQ(exchange(0), 0xef);
    EXPECT_EQ(exchange(0), 0x40);
    EXPECT_EQ(exchange(0), 0x17);
}

TEST_F(MachineSpi, ShiftsFourBytesLeastSignificantFirst) {
    machine().write32(cfg, four_bytes);
    machine().write32(ctrl, select_nor);
    machine().write32(dout, read_id);
    EXPECT_EQ(machine().read32(din), 0x1740ef00U);
}

TEST_F(MachineSpi, HearsNothingWithoutAChipSelect) {
    exchange(read_id);
    EXPECT_EQ(exchange(0), 0x00);
}

TEST_F(MachineSpi, ReadsThroughTheFifo) {
    EXPECT_EQ(fifo_read(read_id, 0, 0, 3), "\xef\x40\x17");
    const auto bytes = content(0x190001, 10);
    for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], pattern(0x190001 + i)) << i;
}

// One byte after the address, as a controller without cycles of its own sends it: U-Boot 2018.11 reads so.
TEST_F(MachineSpi, ReadsFastWithOneDummyByte) {
    machine().write32(ctrl, select_nor);
    exchange(fast_read);
    send_address(0x190000);
    exchange(0);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(exchange(0), static_cast<std::uint8_t>(pattern(0x190000 + i)));
}

TEST_F(MachineSpi, ErasesAndProgramsWhatStaysInTheFile) {
    simple_command(write_enable);
    machine().write32(ctrl, select_nor);
    exchange(sector_erase);
    send_address(0x180000);
    machine().write32(ctrl, select_none);
    EXPECT_EQ(content(0x180000, 3), "\xff\xff\xff");

    // Linux puts the odd bytes at the start of a write into the header, the rest into the FIFO.
    simple_command(write_enable);
    machine().write32(ctrl, select_nor);
    machine().write32(cfg, fifo_mode | flush);
    machine().write32(inst, page_program);
    machine().write32(addr, 0x180000);
    machine().write32(hdr_cnt, 1U | 3U << 4U);
    machine().write32(cfg, fifo_mode | write_direction | start | four_bytes);
    machine().write32(dout, 0x34333231);
    machine().write32(cfg, fifo_mode | write_direction | stop);
    machine().write32(ctrl, select_none);
    EXPECT_EQ(content(0x180000, 5), "1234\xff");

    static_cast<void>(machine().qmp("quit"));
    std::ifstream nor(file_, std::ios::binary);
    nor.seekg(0x180000);
    std::string kept(4, '\0');
    nor.read(kept.data(), 4);
    EXPECT_EQ(kept, "1234");
}

TEST_F(MachineSpi, InterruptsWhatItsMaskSays) {
    constexpr int irq = 0;
    machine().watch_inputs("/machine/gic");
    EXPECT_NE(machine().level(irq), true);
    machine().write32(int_mask, xfer_done);
    EXPECT_EQ(machine().level(irq), true);
    machine().write32(int_mask, rfifo_ready);
    EXPECT_EQ(machine().level(irq), false);
}

}  // namespace
}  // namespace mox::machine_test
