// The card's controller: what Linux reads of it, the socket's switch, the tab, and that errors of the image
// arrive.

#include <gtest/gtest.h>

#include <fstream>

#include "machine/qtest_machine.hpp"

namespace mox::machine_test {
namespace {

constexpr auto sdhci = registers + 0xd8000;
constexpr auto sdma_address = sdhci + 0x00;
constexpr auto block_size = sdhci + 0x04;
constexpr auto block_count = sdhci + 0x06;
constexpr auto argument = sdhci + 0x08;
constexpr auto transfer_mode = sdhci + 0x0c;
constexpr auto command = sdhci + 0x0e;
constexpr auto response = sdhci + 0x10;
constexpr auto data_port = sdhci + 0x20;
constexpr auto present_state = sdhci + 0x24;
constexpr auto power = sdhci + 0x29;
constexpr auto clock = sdhci + 0x2c;
constexpr auto normal_status = sdhci + 0x30;
constexpr auto error_status = sdhci + 0x32;
constexpr auto normal_enable = sdhci + 0x34;
constexpr auto error_enable = sdhci + 0x36;
constexpr auto normal_signal = sdhci + 0x38;
constexpr auto error_signal = sdhci + 0x3a;
constexpr auto capabilities = sdhci + 0x40;

constexpr std::uint32_t card_inserted = 1U << 16U;
/// The opposite of the standard: the device tree says wp-inverted.
constexpr std::uint32_t write_protected = 1U << 19U;

constexpr std::uint16_t transfer_complete = 1U << 1U;
constexpr std::uint16_t dma_boundary = 1U << 3U;
constexpr std::uint16_t error = 1U << 15U;
constexpr std::uint16_t command_timeout = 1U << 0U;
constexpr std::uint16_t data_timeout = 1U << 4U;
constexpr std::uint16_t data_crc = 1U << 5U;

// Flags of a command: the length of its answer, data
constexpr std::uint16_t long_answer = 0x1;
constexpr std::uint16_t short_answer = 0x2;
constexpr std::uint16_t with_data = 0x20;

constexpr auto gpio_inputs = registers + 0x13810;
constexpr std::uint32_t card_detect = 1U << 10U;

constexpr std::size_t card_size = 64 * 1024 * 1024;
constexpr int sector = 512;

class MachineSdhci : public ::testing::Test {
protected:
    /// The card's byte at n is the number of its sector modulo 256.
    MachineSdhci() {
        std::string start(1024UL * 1024, '\0');
        for (std::size_t i = 0; i < start.size(); ++i) start[i] = static_cast<char>(i / sector);
        std::ofstream(file_, std::ios::binary) << start;
        std::filesystem::resize_file(file_, card_size);
    }

    void power_on(const std::string& drive, std::vector<std::string> more = {}) {
        more.insert(more.end(), {"-drive", "if=sd,id=slot," + drive});
        machine_.emplace(std::move(more));
    }

    [[nodiscard]] std::string image() const { return "format=raw,file=" + file_.string(); }

    /// An image whose `kind` of requests ("read", "write") all fail.
    [[nodiscard]] std::string failing(const std::string& kind) const {
        return "driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename=" +
               file_.string() + ",file.inject-error.0.event=none,file.inject-error.0.iotype=" + kind +
               ",file.inject-error.0.errno=5";
    }

    QtestMachine& machine() { return *machine_; }

    std::uint32_t send(unsigned number, std::uint32_t with, std::uint16_t flags) {
        machine().write32(argument, with);
        machine().write16(command, static_cast<std::uint16_t>(number << 8U | flags));
        return machine().read32(response);
    }

    /// Up to the transfer state, as any driver does it.
    void select_card() {
        machine().write16(clock, 0x5);
        machine().write8(power, 0xf);
        machine().write16(normal_enable, 0xffff);
        machine().write16(error_enable, 0xffff);
        send(0, 0, 0);
        send(8, 0x1aa, short_answer);
        for (int i = 0; i < 10; ++i) {
            send(55, 0, short_answer);
            if ((send(41, 0x40300000, short_answer) >> 31U) != 0) break;
            machine().advance(std::chrono::milliseconds(10));
        }
        send(2, 0, long_answer);
        const auto address = send(3, 0, short_answer) & 0xffff0000U;
        send(7, address, short_answer);
        send(16, sector, short_answer);
        machine().write16(normal_status, 0xffff);
    }

    /// Units of a transfer's address: bytes on a card of up to 2 GB.
    static constexpr std::uint32_t at_sector(std::uint32_t number) { return number * sector; }

    test_support::TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_ / "card";
    std::optional<QtestMachine> machine_;
};

TEST_F(MachineSdhci, TellsWhatItCan) {
    power_on(image());
    EXPECT_EQ(machine().read32(capabilities), 0x056c32b2U);
    EXPECT_EQ(machine().read16(sdhci + 0xfe) & 0xffU, 2U) << "version 3 of the standard";
    EXPECT_EQ(machine().read32(sdhci + 0x104), 1U) << "Xenon: one slot";
}

TEST_F(MachineSdhci, InitialisesItsPhyAtOnce) {
    power_on(image());
    machine().write32(sdhci + 0x170, 1U << 31U | 5U);
    EXPECT_EQ(machine().read32(sdhci + 0x170), 5U);
}

TEST_F(MachineSdhci, ShowsACardThatIsThere) {
    power_on(image());
    EXPECT_EQ(machine().read32(present_state) & card_inserted, card_inserted);
    EXPECT_EQ(machine().read32(present_state) & write_protected, 0U);
    EXPECT_EQ(machine().read32(gpio_inputs) & card_detect, card_detect);
}

TEST_F(MachineSdhci, ShowsAnEmptySocket) {
    machine_.emplace(std::vector<std::string>{"-drive", "if=sd,id=slot"});
    EXPECT_EQ(machine().read32(present_state) & card_inserted, 0U);
    EXPECT_EQ(machine().read32(gpio_inputs) & card_detect, 0U);
}

TEST_F(MachineSdhci, FollowsACardThatComesAndGoes) {
    power_on(image());
    machine().qmp("eject", R"({"id":"/machine/card","force":true})");
    EXPECT_EQ(machine().read32(present_state) & card_inserted, 0U);
    EXPECT_EQ(machine().read32(gpio_inputs) & card_detect, 0U);
    machine().qmp("blockdev-change-medium",
                  R"({"id":"/machine/card","format":"raw","filename":")" + file_.string() + R"("})");
    EXPECT_EQ(machine().read32(gpio_inputs) & card_detect, card_detect);
}

TEST_F(MachineSdhci, ShowsTheTabOfAReadOnlyMedium) {
    power_on(image() + ",readonly=on");
    EXPECT_EQ(machine().read32(present_state) & (card_inserted | write_protected),
              card_inserted | write_protected);
}

TEST_F(MachineSdhci, ShowsTheTabAsItIsMoved) {
    power_on(image());
    machine().qmp("qom-set", R"({"path":"/machine/card","property":"write-protected","value":true})");
    EXPECT_EQ(machine().read32(present_state) & write_protected, write_protected);
    machine().qmp("qom-set", R"({"path":"/machine/card","property":"write-protected","value":false})");
    EXPECT_EQ(machine().read32(present_state) & write_protected, 0U);
}

TEST_F(MachineSdhci, KeepsTheTabOverAChangeOfTheMedium) {
    power_on(image());
    machine().qmp("blockdev-change-medium",
                  R"({"id":"/machine/card","format":"raw","read-only-mode":"read-only","filename":")" +
                      file_.string() + R"("})");
    machine().advance(std::chrono::seconds(1));
    EXPECT_EQ(machine().read32(present_state) & write_protected, write_protected);
    machine().qmp("blockdev-change-medium",
                  R"({"id":"/machine/card","format":"raw","read-only-mode":"read-write","filename":")" +
                      file_.string() + R"("})");
    machine().advance(std::chrono::seconds(1));
    EXPECT_EQ(machine().read32(present_state) & write_protected, 0U);
}

TEST_F(MachineSdhci, ReadsABlock) {
    power_on(image());
    select_card();
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0x10);
    send(17, at_sector(7), short_answer | with_data);
    for (int i = 0; i < sector / 4; ++i) ASSERT_EQ(machine().read32(data_port), 0x07070707U) << i;
    EXPECT_EQ(machine().read16(normal_status) & (error | transfer_complete), transfer_complete);
}

// U-Boot reads so whatever is longer than 512 KiB; here the boundary is at 4 KiB.
TEST_F(MachineSdhci, GoesOnAfterTheBoundaryOfSimpleDma) {
    constexpr std::uint32_t buffer = 0x100000;
    power_on(image());
    select_card();
    machine().write32(sdma_address, buffer);
    machine().write16(block_size, sector);
    machine().write16(block_count, 16);
    machine().write16(transfer_mode,
                      0x1 | 0x2 | 0x4 | 0x10 | 0x20);  // DMA, count, automatic stop, read, many
    send(18, 0, short_answer | with_data);
    EXPECT_EQ(machine().read16(normal_status) & (dma_boundary | transfer_complete), dma_boundary);
    machine().write16(normal_status, dma_boundary);
    machine().write32(sdma_address, buffer + 4096);
    machine().advance(std::chrono::milliseconds(1));
    EXPECT_EQ(machine().read16(normal_status) & (error | transfer_complete), transfer_complete);
    EXPECT_EQ(machine().read_memory(buffer + 15 * sector, 2), "\x0f\x0f");
}

TEST_F(MachineSdhci, TellsThatABlockCannotBeWritten) {
    power_on(failing("write"));
    select_card();
    machine().watch_inputs("/machine/gic");
    machine().write16(normal_signal, 0);
    machine().write16(error_signal, 0xffff);
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0);
    send(24, at_sector(3), short_answer | with_data);
    for (int i = 0; i < sector / 4; ++i) machine().write32(data_port, 0xffffffff);
    EXPECT_EQ(machine().read16(error_status), data_crc);
    EXPECT_EQ(machine().read16(normal_status) & (error | transfer_complete), error);
    constexpr int irq = 26;
    EXPECT_EQ(machine().level(irq), true);
}

TEST_F(MachineSdhci, TellsThatABlockCannotBeRead) {
    power_on(failing("read"));
    select_card();
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0x10);
    send(17, at_sector(3), short_answer | with_data);
    EXPECT_EQ(machine().read16(error_status), data_timeout);
    EXPECT_EQ(machine().read16(normal_status) & (error | transfer_complete), error);
}

// Linux stops a read with CMD12, for which it has no time limit of its own: an answer that never came hung
// it.
TEST_F(MachineSdhci, EveryCommandForACardThatWasPulledEndsWithATimeout) {
    power_on(image());
    select_card();
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0x10);
    send(17, at_sector(7), short_answer | with_data);
    machine().qmp("eject", R"({"id":"/machine/card","force":true})");
    EXPECT_EQ(machine().read8(power), 0xfU) << "the controller does not notice";
    EXPECT_EQ(machine().read16(clock) & 0x4U, 0x4U);
    machine().write16(normal_status, 0xffff);
    machine().write16(error_status, 0xffff);
    send(12, 0, short_answer);
    EXPECT_EQ(machine().read16(error_status), command_timeout);
    EXPECT_EQ(machine().read16(normal_status) & error, error);
}

TEST_F(MachineSdhci, ABlockThatAPulledCardWasToTakeIsAnError) {
    power_on(image());
    select_card();
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0);
    send(24, at_sector(3), short_answer | with_data);
    machine().qmp("eject", R"({"id":"/machine/card","force":true})");
    for (int i = 0; i < sector / 4; ++i) machine().write32(data_port, 0xffffffff);
    EXPECT_EQ(machine().read16(error_status), data_crc);
}

// Discarding 32 MiB is one request; what is erased reads as the card's register says: 0.
TEST_F(MachineSdhci, ErasesWithoutWriting) {
    power_on(image());
    select_card();
    send(32, 0, short_answer);
    send(33, at_sector(65535), short_answer);
    send(38, 0, short_answer);
    machine().write16(block_size, sector);
    machine().write16(transfer_mode, 0x10);
    send(17, at_sector(7), short_answer | with_data);
    EXPECT_EQ(machine().read32(data_port), 0U);
}

}  // namespace
}  // namespace mox::machine_test
