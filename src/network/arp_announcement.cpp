#include "network/arp_announcement.hpp"

#include <arpa/inet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <sys/socket.h>

// After the C library's own headers: both define the same things.
#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/unique_fd.hpp"

namespace mox::network {

namespace {

/// An ARP packet for Ethernet and IPv4 (RFC 826), as it is on the wire.
struct ArpPacket {
    std::uint16_t hardware = htons(ARPHRD_ETHER);
    std::uint16_t protocol = htons(ETH_P_IP);
    std::uint8_t hardware_length = ETH_ALEN;
    std::uint8_t protocol_length = 4;
    std::uint16_t operation = htons(ARPOP_REQUEST);
    std::array<std::uint8_t, ETH_ALEN> sender_hardware{};
    std::array<std::uint8_t, 4> sender_address{};
    std::array<std::uint8_t, ETH_ALEN> target_hardware{};
    std::array<std::uint8_t, 4> target_address{};
};
static_assert(sizeof(ArpPacket) == 28);

}  // namespace

Expected<void> announce_address(const Link& port, Ipv4Address address) {
    ArpPacket packet;
    if (port.hardware_address.size() != packet.sender_hardware.size())
        return fail(ErrorKind::network, port.name + " is not an Ethernet port");
    std::ranges::copy(port.hardware_address, packet.sender_hardware.begin());
    const std::uint32_t wire = htonl(address.value);
    std::memcpy(packet.sender_address.data(), &wire, sizeof wire);
    packet.target_address = packet.sender_address;

    const UniqueFd socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP)));
    if (!socket) return fail_errno(ErrorKind::network, "announcing the address");
    sockaddr_ll broadcast{};
    broadcast.sll_family = AF_PACKET;
    broadcast.sll_protocol = htons(ETH_P_ARP);
    broadcast.sll_ifindex = port.index;
    broadcast.sll_halen = ETH_ALEN;
    std::fill_n(broadcast.sll_addr, ETH_ALEN, std::uint8_t{0xff});
    const auto sent = ::sendto(socket.get(), &packet, sizeof packet, 0,
                               reinterpret_cast<const sockaddr*>(&broadcast), sizeof broadcast);
    if (sent < 0) return fail_errno(ErrorKind::network, "announcing the address");
    return {};
}

}  // namespace mox::network
