#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "machine/qtest_machine.hpp"
#include "support/temporary_directory.hpp"

namespace mox::machine_test {

/// The other end of the machine's network cable: whole Ethernet frames, without their check sequence.
class Cable {
public:
    Cable();

    /// What QEMU needs to be plugged into it, with the id `wan`; the link comes without delay.
    [[nodiscard]] std::vector<std::string> options() const;

    void send(std::string_view frame);
    /// The same; a frame for which the machine has no room now is lost.
    void send_if_possible(std::string_view frame);
    /// Throws away what the machine has sent.
    void discard();
    /// The next frame that the machine has sent. nullopt: none came within 10 s.
    [[nodiscard]] std::optional<std::string> received() const;

private:
    test_support::TemporaryDirectory directory_;
    UniqueFd socket_;
};

/// A simple driver of eth0: one ring of 16 descriptors for each direction, in the machine's memory.
class NetworkPort {
public:
    static constexpr std::uint32_t ring_size = 16;
    static constexpr std::uint32_t tx_ring = 0x10'0000;
    static constexpr std::uint32_t rx_ring = 0x10'1000;
    static constexpr std::uint32_t tx_buffers = 0x20'0000;
    static constexpr std::uint32_t rx_buffers = 0x30'0000;
    static constexpr std::uint32_t buffer_size = 2048;

    explicit NetworkPort(QtestMachine& machine) : machine_(machine) {}

    [[nodiscard]] std::uint32_t read(std::uint32_t offset);
    void write(std::uint32_t offset, std::uint32_t value);
    [[nodiscard]] std::uint16_t read_phy(std::uint32_t number, std::uint32_t phy = 1);
    void write_phy(std::uint32_t number, std::uint16_t value);

    /// Sets up both rings with all receive descriptors given, accepts frames for `mac`, takes the link for
    /// up.
    void start(std::string_view mac);

    /// Puts a frame, in pieces, behind those that were sent before; the last piece starts it.
    void send(const std::vector<std::string>& pieces, std::uint32_t command = 0x8000'0000);

    struct Received {
        std::uint32_t status = 0;
        std::string bytes;  ///< as it is in memory: two bytes, frame, check sequence
    };
    /// Waits until `count` frames are there, at most 10 s. Returns how many are.
    std::uint32_t wait_for(std::uint32_t count);
    [[nodiscard]] Received take();

private:
    QtestMachine& machine_;
    std::uint32_t next_tx_ = 0;
    std::uint32_t next_rx_ = 0;
};

/// A frame: addresses, type, content.
[[nodiscard]] std::string ethernet_frame(std::string_view to, std::uint16_t type, std::string_view content);

/// An IPv4 packet with UDP and right checksums, or with zeros in their places.
[[nodiscard]] std::string udp_packet(std::string_view content, bool with_checksums);

}  // namespace mox::machine_test
