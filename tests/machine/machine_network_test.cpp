#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "machine/network_port.hpp"
#include "machine/qtest_machine.hpp"

using namespace std::chrono_literals;

namespace mox::machine_test {

namespace {

constexpr int interrupt = 42;
constexpr std::uint32_t rx_cause = 1U << 8;
constexpr std::uint32_t tx_cause = 1U << 0;
constexpr std::uint32_t misc_cause = 1U << 31;
constexpr std::uint32_t first_and_last = 3U << 26;
constexpr std::uint32_t is_ipv4 = 1U << 25;
constexpr std::uint32_t sum_is_right = 1U << 30;

const std::string own_mac("\xd8\x58\xd7\x00\x00\x01", 6);
const std::string other_mac("\xd8\x58\xd7\x00\x01\x01", 6);
const std::string everyone(6, '\xff');

std::string frame_of(std::string_view to, char fill, std::size_t size = 100) {
    return ethernet_frame(to, 0x88b5, std::string(size, fill));
}

class MachineNetwork : public ::testing::Test {
protected:
    Cable cable_;
    QtestMachine machine_{cable_.options()};
    NetworkPort port_{machine_};
};

TEST_F(MachineNetwork, HasItsResetValues) {
    EXPECT_EQ(port_.read(0x2c00), 0x8be4U) << "1522 bytes, off";
    EXPECT_EQ(port_.read(0x2444), 0x100U) << "nothing waits to be sent";
    EXPECT_EQ(port_.read(0x25a0), 0U);
    EXPECT_EQ(port_.read(0x2448), 0U);
    EXPECT_EQ(port_.read(0x2680), 0U);
}

TEST_F(MachineNetwork, ThePhyIsA88E1510AtAddress1) {
    EXPECT_EQ(port_.read_phy(2), 0x0141);
    EXPECT_EQ(port_.read_phy(3), 0x0dd1);
    EXPECT_EQ(port_.read_phy(2, 0), 0xffff) << "there is no other";
    EXPECT_EQ(port_.read(0x2004) >> 27 & 1, 1U) << "the answer is valid";
    EXPECT_EQ(port_.read_phy(1), 0x796d) << "link, negotiated";
    EXPECT_EQ(port_.read_phy(17) & 0xfc00, 0xbc00) << "1000 Mbit/s, full duplex";
    port_.write_phy(22, 6);
    EXPECT_EQ(port_.read_phy(27), 70) << "45 degrees";
    port_.write_phy(27, 0);
    EXPECT_EQ(port_.read_phy(27), 70);
    EXPECT_EQ(port_.read_phy(22), 6);
}

TEST_F(MachineNetwork, SendsAFrameOfTwoPieces) {
    port_.start(own_mac);
    const auto frame = frame_of(everyone, 'a');
    port_.send({frame.substr(0, 30), frame.substr(30)});
    EXPECT_EQ(cable_.received(), frame);
    EXPECT_EQ(port_.read(0x3c40), 2U << 16) << "two descriptors sent, none pending";
    port_.write(0x3c60, 2U << 16);
    EXPECT_EQ(port_.read(0x3c40), 0U);
}

TEST_F(MachineNetwork, PadsAShortFrame) {
    port_.start(own_mac);
    const auto frame = frame_of(everyone, 'a', 10);
    port_.send({frame});
    EXPECT_EQ(cable_.received(), frame + std::string(60 - frame.size(), '\0'));
}

TEST_F(MachineNetwork, FillsInChecksums) {
    port_.start(own_mac);
    constexpr std::uint32_t command = 1U << 30 | 1U << 18 | 1U << 16 | 5U << 8 | 14;  // IPv4 at 14, UDP
    port_.send({ethernet_frame(everyone, 0x0800, udp_packet("how are you today?", false))}, command);
    EXPECT_EQ(cable_.received(), ethernet_frame(everyone, 0x0800, udp_packet("how are you today?", true)));
}

TEST_F(MachineNetwork, WaitsForTheRestOfAFrame) {
    port_.start(own_mac);
    const auto frame = frame_of(everyone, 'a');
    port_.write(0x2448, 1U << 8);  // stop the queue
    port_.send({frame.substr(0, 30), frame.substr(30)});
    EXPECT_EQ(port_.read(0x3c40), 2U);
    port_.write(0x2448, 1);
    EXPECT_EQ(port_.read(0x3c40), 2U << 16);
    EXPECT_EQ(cable_.received(), frame);
}

TEST_F(MachineNetwork, TellsOfSentFramesAboveTheThreshold) {
    port_.start(own_mac);
    machine_.watch_inputs("/machine/gic");
    port_.write(0x25a4, tx_cause);
    port_.write(0x3c20, 1U << 16 | NetworkPort::ring_size);
    port_.send({frame_of(everyone, 'a')});
    EXPECT_NE(machine_.level(interrupt), true);
    port_.send({frame_of(everyone, 'b')});
    EXPECT_EQ(machine_.level(interrupt), true);
    EXPECT_EQ(port_.read(0x25a0) & 0xff, tx_cause);
    port_.write(0x3c60, 1U << 16);
    EXPECT_EQ(machine_.level(interrupt), false);
}

TEST_F(MachineNetwork, ReceivesAFrameBehindTwoZeros) {
    port_.start(own_mac);
    const auto frame = frame_of(own_mac, 'x');
    cable_.send(frame);
    ASSERT_EQ(port_.wait_for(1), 1U);
    EXPECT_EQ(port_.read(0x14e0) >> 16, NetworkPort::ring_size - 1) << "one descriptor less";
    const auto received = port_.take();
    EXPECT_EQ(received.status, first_and_last);
    ASSERT_EQ(received.bytes.size(), 2 + frame.size() + 4);
    EXPECT_EQ(received.bytes.substr(0, 2 + frame.size()), std::string(2, '\0') + frame);
    EXPECT_EQ(port_.read(0x14e0) & 0x3fff, 0U);
    EXPECT_EQ(machine_.read_memory(NetworkPort::rx_ring + 12, 20), std::string(20, '\x5a'))
        << "what the software keeps in a descriptor stays";
}

TEST_F(MachineNetwork, ChecksSumsOfReceivedFrames) {
    port_.start(own_mac);
    cable_.send(ethernet_frame(own_mac, 0x0800, udp_packet("fine, thank you", true)));
    auto wrong = udp_packet("fine, thank you", true);
    wrong.back() = '!';
    cable_.send(ethernet_frame(own_mac, 0x0800, wrong));
    cable_.send(ethernet_frame(own_mac, 0x0800, "\x45short"));
    ASSERT_EQ(port_.wait_for(3), 3U);
    EXPECT_EQ(port_.take().status, first_and_last | is_ipv4 | sum_is_right);
    EXPECT_EQ(port_.take().status, first_and_last | is_ipv4);
    EXPECT_EQ(port_.take().status, first_and_last);
}

TEST_F(MachineNetwork, TakesItsOwnAddressAndBroadcastsOnly) {
    port_.start(own_mac);
    cable_.send(frame_of(other_mac, 'o'));
    cable_.send(frame_of(std::string("\x01\x00\x5e\x00\x00\xfb", 6), 'm'));
    cable_.send(frame_of(everyone, 'e'));
    cable_.send(frame_of(own_mac, 'x'));
    ASSERT_EQ(port_.wait_for(2), 2U);
    EXPECT_EQ(port_.take().bytes.at(20), 'e');
    EXPECT_EQ(port_.take().bytes.at(20), 'x');

    port_.write(0x2400, 1);  // all unicast addresses
    cable_.send(frame_of(other_mac, 'p'));
    ASSERT_EQ(port_.wait_for(1), 1U);
    EXPECT_EQ(port_.take().bytes.at(20), 'p');
}

TEST_F(MachineNetwork, TakesGroupsOfItsTables) {
    port_.start(own_mac);
    const std::string special("\x01\x00\x5e\x00\x00\xfb", 6);  // by the last byte
    const std::string group("\x33\x33\x00\x00\x00\x01", 6);    // by the CRC-8 over all six, 0x29
    port_.write(0x3400 + 0xf8, 1U << 24);
    port_.write(0x3500 + 0x28, 1U << 8);
    cable_.send(frame_of(std::string("\x33\x33\x00\x00\x00\x02", 6), 'n'));
    cable_.send(frame_of(special, 's'));
    cable_.send(frame_of(group, 'g'));
    ASSERT_EQ(port_.wait_for(2), 2U);
    EXPECT_EQ(port_.take().bytes.at(20), 's');
    EXPECT_EQ(port_.take().bytes.at(20), 'g');
}

TEST_F(MachineNetwork, TellsOfReceivedFramesByNumberOrByTime) {
    port_.start(own_mac);
    machine_.watch_inputs("/machine/gic");
    port_.write(0x14c0, 1);      // more than one frame
    port_.write(0x2580, 25000);  // or 100 us
    port_.write(0x25a4, rx_cause);
    cable_.send(frame_of(own_mac, 'a'));
    ASSERT_EQ(port_.wait_for(1), 1U);
    EXPECT_NE(machine_.level(interrupt), true);
    machine_.advance(99us);
    EXPECT_NE(machine_.level(interrupt), true);
    machine_.advance(2us);
    EXPECT_EQ(machine_.level(interrupt), true);
    static_cast<void>(port_.take());
    EXPECT_EQ(machine_.level(interrupt), false);

    cable_.send(frame_of(own_mac, 'b'));
    cable_.send(frame_of(own_mac, 'c'));
    ASSERT_EQ(port_.wait_for(2), 2U);
    EXPECT_EQ(machine_.level(interrupt), true) << "two are more than one";
}

TEST_F(MachineNetwork, AFrameWaitsForADescriptor) {
    port_.start(own_mac);
    for (std::uint32_t i = 0; i <= NetworkPort::ring_size; ++i)
        cable_.send(frame_of(own_mac, static_cast<char>('a' + i)));
    ASSERT_EQ(port_.wait_for(NetworkPort::ring_size), NetworkPort::ring_size);
    EXPECT_EQ(port_.take().bytes.at(20), 'a');
    port_.write(0x1500, 1U << 16);
    ASSERT_EQ(port_.wait_for(NetworkPort::ring_size), NetworkPort::ring_size);
}

TEST_F(MachineNetwork, AnswersThatAFrameDoesNotFit) {
    port_.start(own_mac);
    cable_.send(frame_of(own_mac, 'l', 1522));
    cable_.send(frame_of(own_mac, 's'));
    ASSERT_EQ(port_.wait_for(1), 1U);
    EXPECT_EQ(port_.take().bytes.at(20), 's');
    EXPECT_EQ(port_.read(0x3068), 1U) << "one frame was too long";
}

TEST_F(MachineNetwork, ALongFrameTakesSeveralDescriptors) {
    port_.start(own_mac);
    port_.write(0x14a0, (64U / 8) << 19 | NetworkPort::ring_size);
    cable_.send(frame_of(own_mac, 'l', 150));  // 2 + 164 + 4: 64, 64 and 42 bytes
    ASSERT_EQ(port_.wait_for(3), 3U);
    EXPECT_EQ(port_.take().status, 1U << 27);
    EXPECT_EQ(port_.take().status, 0U);
    const auto last = port_.take();
    EXPECT_EQ(last.status, 1U << 26);
    EXPECT_EQ(last.bytes.size(), 42U);
}

TEST_F(MachineNetwork, CountsAndForgetsWhatWasRead) {
    port_.start(own_mac);
    port_.send({frame_of(everyone, 'a')});
    port_.send({frame_of(own_mac, 'b', 1000)});
    cable_.send(frame_of(everyone, 'c', 400));
    ASSERT_EQ(port_.wait_for(1), 1U);
    EXPECT_EQ(port_.read(0x3040), 2U) << "sent";
    EXPECT_EQ(port_.read(0x3040), 0U) << "since the last look";
    EXPECT_EQ(port_.read(0x3038), 118U + 1018U) << "with check sequences";
    EXPECT_EQ(port_.read(0x303c), 0U);
    EXPECT_EQ(port_.read(0x304c), 1U) << "broadcasts sent";
    EXPECT_EQ(port_.read(0x3010), 1U) << "received";
    EXPECT_EQ(port_.read(0x3000), 418U);
    EXPECT_EQ(port_.read(0x3018), 1U) << "broadcasts received";
    EXPECT_EQ(port_.read(0x3024), 1U) << "of 65 to 127 bytes";
    EXPECT_EQ(port_.read(0x302c), 1U) << "of 256 to 511 bytes";
    EXPECT_EQ(port_.read(0x3030), 1U) << "of 512 to 1023 bytes";
}

TEST_F(MachineNetwork, AnUnpluggedCableIsNoLink) {
    port_.start(own_mac);
    machine_.watch_inputs("/machine/gic");
    port_.write(0x2c0c, 0x2080);  // speed and duplex are the transceiver's
    port_.write(0x25b0, 0);
    port_.write(0x25b4, 3);
    port_.write(0x25a4, misc_cause);
    EXPECT_EQ(port_.read(0x2c10) & 0xf, 0xbU);

    machine_.qmp("set_link", R"({"name":"wan","up":false})");
    EXPECT_EQ(machine_.level(interrupt), true);
    EXPECT_EQ(port_.read(0x25a0), misc_cause);
    EXPECT_EQ(port_.read(0x25b0), 3U);
    EXPECT_EQ(port_.read(0x2c10) & 1, 0U);
    EXPECT_EQ(port_.read_phy(1), 0x7949);
    EXPECT_EQ(port_.read_phy(17) & 0x0c00, 0);
    port_.write(0x25b0, 0);
    EXPECT_EQ(machine_.level(interrupt), false);
    port_.send({frame_of(everyone, 'a')});
    EXPECT_EQ(port_.read(0x3c40), 1U) << "it waits for a link";

    machine_.qmp("set_link", R"({"name":"wan","up":true})");
    EXPECT_EQ(port_.read(0x2c10) & 0xf, 0xbU);
    EXPECT_EQ(port_.read(0x3c40), 1U << 16);
    EXPECT_EQ(cable_.received(), frame_of(everyone, 'a'));
}

TEST_F(MachineNetwork, ALostLinkIsToldOnceMore) {
    machine_.qmp("qom-set", R"({"path":"/machine/eth0","property":"cable","value":false})");
    machine_.qmp("qom-set", R"({"path":"/machine/eth0","property":"cable","value":true})");
    EXPECT_EQ(port_.read_phy(1) & 4, 0) << "it was lost since the last look";
    EXPECT_EQ(port_.read_phy(1) & 4, 4);
}

TEST_F(MachineNetwork, AgreesWithTheOtherEndOnASpeed) {
    machine_.qmp("qom-set", R"({"path":"/machine/eth0","property":"partner-speed","value":100})");
    EXPECT_EQ(port_.read_phy(17) & 0xec00, 0x6c00) << "100 Mbit/s, full duplex";
    EXPECT_EQ(port_.read_phy(10), 0) << "the other end has no gigabit";
    EXPECT_EQ(port_.read_phy(5), 0x45e1);
    port_.write(0x2c0c, 0x2080);
    EXPECT_EQ(port_.read(0x2c10) & 0xf, 0xdU);

    port_.write_phy(4, 0x0061);  // 10 Mbit/s only
    port_.write_phy(0, 0x1340);
    EXPECT_EQ(port_.read_phy(17) & 0xec00, 0x2c00);
    port_.write_phy(0, 0x0100 | 1U << 11);
    EXPECT_EQ(port_.read_phy(17) & 0x0400, 0) << "powered down";
}

TEST_F(MachineNetwork, ALinkForcedUpAndDownIsUp) {
    port_.write(0x2c0c, 0x1041);
    EXPECT_EQ(port_.read(0x2c10) & 1, 0U);
    port_.write(0x2c0c, 0x1043);  // as U-Boot does it
    EXPECT_EQ(port_.read(0x2c10) & 1, 1U);
}

TEST_F(MachineNetwork, NothingPassesAtDifferentSpeeds) {
    port_.start(own_mac);
    machine_.qmp("qom-set", R"({"path":"/machine/eth0","property":"partner-speed","value":100})");
    port_.send({frame_of(everyone, 'a')});
    EXPECT_EQ(port_.read(0x3c40), 1U);
    port_.write(0x2c0c, 0x1022);
    EXPECT_EQ(port_.read(0x3c40), 1U << 16);
}

TEST(MachineNetworkTime, NegotiationTakesItsTime) {
    const Cable cable;
    auto options = cable.options();
    options.insert(options.end(), {"-global", "m88e1510.autoneg-ms=2500"});
    QtestMachine machine(options);
    NetworkPort port(machine);
    machine.advance(2400ms);
    EXPECT_EQ(port.read_phy(1) & 0x24, 0);
    machine.advance(200ms);
    EXPECT_EQ(port.read_phy(1) & 0x24, 0x24);
}

TEST(MachineNetworkNone, WithoutANetworkNoCableIsPluggedIn) {
    QtestMachine machine;
    NetworkPort port(machine);
    EXPECT_EQ(port.read_phy(1) & 0x24, 0);
    port.start(own_mac);
    port.send({frame_of(everyone, 'a')});
    EXPECT_EQ(port.read(0x3c40), 1U);
}

// What a broken or hostile driver can write; the machine must go on.

TEST_F(MachineNetwork, SurvivesAFrameWithoutEnd) {
    port_.start(own_mac);
    for (std::uint32_t i = 0; i < NetworkPort::ring_size; ++i)
        machine_.write32(NetworkPort::tx_ring + 32 * i, 1U << 21);
    port_.write(0x3c60, NetworkPort::ring_size);
    EXPECT_EQ(port_.read(0x3c40), NetworkPort::ring_size << 16) << "given back";
    EXPECT_EQ(port_.read(0x25b0) >> 24 & 1, 1U) << "the queue's error";
    port_.write(0x3c60, NetworkPort::ring_size << 16);
    port_.send({frame_of(everyone, 'a')});
    EXPECT_EQ(cable_.received(), frame_of(everyone, 'a'));
}

TEST_F(MachineNetwork, SurvivesAFrameThatIsTooLong) {
    port_.start(own_mac);
    for (std::uint32_t i = 0; i < 2; ++i) {
        machine_.write32(NetworkPort::tx_ring + 32 * i, i == 0 ? 1U << 21 : 1U << 20);
        machine_.write32(NetworkPort::tx_ring + 32 * i + 4, 0xffff'0000);
    }
    port_.write(0x3c60, 2);
    EXPECT_EQ(port_.read(0x3c40), 2U << 16);
    EXPECT_EQ(port_.read(0x25b0) >> 24 & 1, 1U);
}

TEST_F(MachineNetwork, SurvivesRingsWithoutDescriptors) {
    port_.start(own_mac);
    port_.write(0x3c20, 0);
    port_.write(0x14a0, 0);
    port_.write(0x3c60, 255);
    port_.write(0x1500, 255U << 16 | 255);
    cable_.send(frame_of(own_mac, 'x'));
    EXPECT_EQ(port_.read(0x3c40), 0U);
    EXPECT_EQ(port_.read(0x14e0) & 0x3fff, 0U);
    EXPECT_TRUE(machine_.is_running());
}

TEST_F(MachineNetwork, SurvivesDescriptorsInItsOwnRegisters) {
    port_.start(own_mac);
    port_.write(0x1480, 0xd003'3c00);
    port_.write(0x1500, 16U << 16);
    cable_.send(frame_of(own_mac, 'x'));
    EXPECT_EQ(port_.wait_for(1), 1U);
    port_.write(0x3c00, 0xd003'3c00);
    port_.write(0x3c60, 16);
    EXPECT_EQ(port_.read(0x2444), 0x100U);
}

}  // namespace

}  // namespace mox::machine_test
