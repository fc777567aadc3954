#include "support/port_scan.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::test_support {

namespace {

using namespace std::chrono_literals;

constexpr int last_port = 65535;
/// So many at once: a slow router must not lose answers.
constexpr int ports_at_once = 256;
/// Packets get lost: what has not answered is asked again.
constexpr int rounds = 4;
constexpr auto patience = 2s;

sockaddr_in place_of(const std::string& address, int port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
    return place;
}

/// A question that is on its way. Closing it does not leave a connection behind.
UniqueFd ask(const std::string& address, int port, int type) {
    UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw std::system_error(errno, std::generic_category(), "socket");
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const auto place = place_of(address, port);
    (void)::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place);
    if (type == SOCK_DGRAM) (void)!::send(socket.get(), "hello", 5, MSG_NOSIGNAL);
    return socket;
}

/// Whether the other side has said that nobody is there; call when there is something to read or an error.
bool is_refused(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == ECONNREFUSED;
}

/// Those of `ports` that have not refused.
std::set<int> not_refused(const std::string& address, const std::set<int>& ports, int type) {
    std::map<int, UniqueFd> asked;
    for (const int port : ports) asked.emplace(port, ask(address, port, type));
    std::set<int> left = ports;
    std::set<int> answered;
    const auto deadline = Clock::now() + patience;
    const short interest = type == SOCK_STREAM ? POLLOUT : POLLIN;
    while (answered.size() < ports.size() && Clock::now() < deadline) {
        std::vector<pollfd> waiting;
        std::vector<int> numbers;
        for (const auto& [port, socket] : asked) {
            if (answered.contains(port)) continue;
            waiting.push_back({socket.get(), interest, 0});
            numbers.push_back(port);
        }
        if (::poll(waiting.data(), waiting.size(), 100) <= 0) continue;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            answered.insert(numbers[i]);
            if (is_refused(waiting[i].fd)) left.erase(numbers[i]);
        }
    }
    return left;
}

std::set<int> open_ports(const NetworkLab& lab, const std::string& address, int type) {
    std::set<int> open;
    lab.as_peer([&] {
        for (int first = 1; first <= last_port; first += ports_at_once) {
            std::set<int> ports;
            for (int port = first; port < first + ports_at_once && port <= last_port; ++port)
                ports.insert(port);
            for (int round = 0; round < rounds && !ports.empty(); ++round)
                ports = not_refused(address, ports, type);
            open.merge(ports);
            if (open.size() > std::size_t{2} * ports_at_once)
                throw std::runtime_error("the router does not answer a port scan");
        }
    });
    return open;
}

}  // namespace

std::set<int> open_tcp_ports(const NetworkLab& lab, const std::string& address) {
    return open_ports(lab, address, SOCK_STREAM);
}

std::set<int> open_udp_ports(const NetworkLab& lab, const std::string& address) {
    return open_ports(lab, address, SOCK_DGRAM);
}

}  // namespace mox::test_support
