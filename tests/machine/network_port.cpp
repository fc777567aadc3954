#include "machine/network_port.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace mox::machine_test {

namespace {

constexpr std::uint64_t eth0 = registers + 0x3'0000;
constexpr std::uint32_t descriptor_size = 32;
constexpr std::uint32_t first_piece = 1U << 21;
constexpr std::uint32_t last_piece = 1U << 20;
constexpr auto patience = std::chrono::seconds(10);

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    return address;
}

std::string little_endian(std::uint64_t value, std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
    return bytes;
}

std::string big_endian16(std::uint32_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::uint16_t internet_sum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

}  // namespace

Cable::Cable() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto mine = address_of(directory_.path() / "test");
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&mine), sizeof(mine)) != 0)
        throw std::runtime_error("bind of the cable's socket failed");
}

std::vector<std::string> Cable::options() const {
    return {"-netdev",
            "dgram,id=wan,local.type=unix,local.path=" + (directory_ / "machine").string() +
                ",remote.type=unix,remote.path=" + (directory_ / "test").string(),
            "-net",
            "nic,netdev=wan,macaddr=d8:58:d7:00:00:01",
            "-global",
            "m88e1510.autoneg-ms=0"};
}

void Cable::send(std::string_view frame) {
    const auto other = address_of(directory_.path() / "machine");
    if (::sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&other),
                 sizeof(other)) < 0)
        throw std::runtime_error(std::string("sending to the machine failed: ") + std::strerror(errno));
}

void Cable::send_if_possible(std::string_view frame) {
    const auto other = address_of(directory_.path() / "machine");
    static_cast<void>(::sendto(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&other), sizeof(other)));
}

void Cable::discard() {
    std::array<char, 65536> buffer{};
    while (::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) >= 0) {
    }
}

std::optional<std::string> Cable::received() const {
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    std::array<char, 65536> buffer{};
    if (::poll(&readable, 1, std::chrono::milliseconds(patience).count()) <= 0) return std::nullopt;
    const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return std::nullopt;
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::uint32_t NetworkPort::read(std::uint32_t offset) {
    return machine_.read32(eth0 + offset);
}

void NetworkPort::write(std::uint32_t offset, std::uint32_t value) {
    machine_.write32(eth0 + offset, value);
}

std::uint16_t NetworkPort::read_phy(std::uint32_t number, std::uint32_t phy) {
    write(0x2004, 1U << 26 | number << 21 | phy << 16);
    return static_cast<std::uint16_t>(read(0x2004));
}

void NetworkPort::write_phy(std::uint32_t number, std::uint16_t value) {
    write(0x2004, number << 21 | 1U << 16 | value);
}

void NetworkPort::start(std::string_view mac) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i]));
    };
    write(0x2418, byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3));
    write(0x2414, byte(4) << 8 | byte(5));
    const auto nibble = byte(5) & 0xf;
    write(0x3600 + (nibble & ~3U), 1U << (8 * (nibble & 3)));
    write(0x2c0c, 0x1042);  // link up, 1000 Mbit/s, full duplex
    write(0x3c00, tx_ring);
    write(0x3c20, ring_size);
    write(0x1480, rx_ring);
    write(0x14a0, (buffer_size / 8) << 19 | ring_size);
    for (std::uint32_t i = 0; i < ring_size; ++i)
        machine_.write_memory(
            rx_ring + i * descriptor_size,
            std::string(8, '\0') + little_endian(rx_buffers + i * buffer_size, 4) + std::string(20, '\x5a'));
    write(0x1500, ring_size << 16);
    write(0x25b8, 0xffff);
    write(0x2c00, read(0x2c00) | 1);
    write(0x2448, 1);
    write(0x2680, 1);
}

void NetworkPort::send(const std::vector<std::string>& pieces, std::uint32_t command) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto buffer = tx_buffers + next_tx_ * buffer_size;
        const auto flags = (i == 0 ? first_piece : 0) | (i + 1 == pieces.size() ? last_piece : 0);
        machine_.write_memory(buffer, pieces[i]);
        machine_.write_memory(tx_ring + next_tx_ * descriptor_size,
                              little_endian(command | flags, 4) + little_endian(0, 2) +
                                  little_endian(pieces[i].size(), 2) + little_endian(buffer, 4));
        next_tx_ = (next_tx_ + 1) % ring_size;
    }
    write(0x3c60, static_cast<std::uint32_t>(pieces.size()));
}

std::uint32_t NetworkPort::wait_for(std::uint32_t count) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto there = read(0x14e0) & 0x3fff;
        if (there >= count || std::chrono::steady_clock::now() > end) return there;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

NetworkPort::Received NetworkPort::take() {
    const auto descriptor = rx_ring + next_rx_ * descriptor_size;
    const auto size = machine_.read16(descriptor + 6);
    Received received{.status = machine_.read32(descriptor),
                      .bytes = machine_.read_memory(rx_buffers + next_rx_ * buffer_size, size)};
    next_rx_ = (next_rx_ + 1) % ring_size;
    write(0x1500, 1);
    return received;
}

std::string ethernet_frame(std::string_view to, std::uint16_t type, std::string_view content) {
    std::string frame(to);
    frame += std::string("\x02\x00\x00\x00\x00\x07", 6);
    frame += big_endian16(type);
    frame += content;
    return frame;
}

std::string udp_packet(std::string_view content, bool with_checksums) {
    const auto udp_size = static_cast<std::uint32_t>(8 + content.size());
    const std::string addresses("\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
    std::string ip = std::string("\x45\x00", 2) + big_endian16(20 + udp_size) +
                     std::string("\x00\x01\x00\x00\x40\x11\x00\x00", 8) + addresses;
    std::string udp = big_endian16(1000) + big_endian16(2000) + big_endian16(udp_size) +
                      std::string(2, '\0') + std::string(content);
    if (with_checksums) {
        ip.replace(10, 2, big_endian16(internet_sum(ip)));
        udp.replace(6, 2,
                    big_endian16(internet_sum(addresses + big_endian16(17) + big_endian16(udp_size) + udp)));
    }
    return ip + udp;
}

}  // namespace mox::machine_test
