#include "support/tcp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace mox::test_support {

namespace {

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in address_of(const std::string& address, int port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
    return place;
}

UniqueFd listen_at_peer(const NetworkLab& lab, const std::string& address, int port) {
    UniqueFd socket;
    lab.as_peer([&] { socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
    const int yes = 1;
    const auto place = address_of(address, port);
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
        ::listen(socket.get(), 8) != 0)
        throw_errno("listening at the peer");
    return socket;
}

UniqueFd connect_at_peer(const NetworkLab& lab, const std::string& address, int port) {
    UniqueFd socket;
    lab.as_peer([&] { socket.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
    const auto place = address_of(address, port);
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
        throw_errno("connecting at the peer");
    return socket;
}

/// Passes on what is there to read, at most `limit` bytes. Returns how many; 0 at the end.
std::uint64_t pass_on_once(int from, int to, std::uint64_t limit) {
    std::array<char, 16 << 10> block{};
    const auto wanted = std::min<std::uint64_t>(block.size(), limit);
    const ssize_t got = ::recv(from, block.data(), wanted, 0);
    if (got <= 0) return 0;
    for (ssize_t sent = 0; sent < got;) {
        const ssize_t more =
            ::send(to, block.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (more <= 0) return 0;
        sent += more;
    }
    return static_cast<std::uint64_t>(got);
}

}  // namespace

std::string TcpConversation::read_head() {
    std::string text;
    std::array<char, 4096> block{};
    while (!text.contains("\r\n\r\n")) {
        const ssize_t got = ::recv(socket_.get(), block.data(), block.size(), 0);
        if (got <= 0) break;
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    return text;
}

bool TcpConversation::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void TcpConversation::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.reset();
}

TcpPeer::TcpPeer(const NetworkLab& lab, const std::string& address, int port, Play play)
    : listening_(listen_at_peer(lab, address, port)), end_(::eventfd(0, EFD_CLOEXEC)) {
    if (!end_) throw_errno("eventfd");
    thread_ = std::jthread([this, play = std::move(play)] {
        for (;;) {
            std::array<pollfd, 2> waiting{pollfd{listening_.get(), POLLIN, 0}, pollfd{end_.get(), POLLIN, 0}};
            if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
            if (waiting[1].revents != 0) return;
            if (waiting[0].revents == 0) continue;
            TcpConversation conversation(
                UniqueFd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
            ++conversations_;
            play(conversation);
        }
    });
}

TcpPeer::~TcpPeer() {
    const std::uint64_t over = 1;
    (void)!::write(end_.get(), &over, sizeof over);
}

CutLine::CutLine(const NetworkLab& lab, int port, int server_port, std::vector<std::uint64_t> cuts,
                 CutSide side)
    : lab_(lab),
      server_port_(server_port),
      side_(side),
      cuts_(std::move(cuts)),
      peer_(lab, "10.77.0.1", port, [this](TcpConversation& client) { pass_on(client); }) {}

void CutLine::pass_on(TcpConversation& client) {
    // A cut loses what waits to be sent: not much, however busy the receiver is.
    const int small = 32 << 10;
    ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    constexpr auto all = std::numeric_limits<std::uint64_t>::max();
    auto left = next_cut_ < cuts_.size() ? cuts_[next_cut_++] : all;
    const auto server = connect_at_peer(lab_, "10.77.0.1", server_port_);
    // The ends may wait for each other's answers: nothing waits here.
    const int yes = 1;
    for (const int end : {client.fd(), server.get()})
        ::setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::array<std::pair<int, int>, 2> ways{std::pair{client.fd(), server.get()},
                                                  std::pair{server.get(), client.fd()}};
    const std::size_t counted = side_ == CutSide::client ? 0 : 1;
    for (;;) {
        std::array<pollfd, 2> waiting{pollfd{client.fd(), POLLIN, 0}, pollfd{server.get(), POLLIN, 0}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) return;
        for (std::size_t way = 0; way < ways.size(); ++way) {
            if (waiting.at(way).revents == 0) continue;
            const auto passed =
                pass_on_once(ways.at(way).first, ways.at(way).second, way == counted ? left : all);
            if (passed == 0) return;
            if (way == counted) left -= passed;
        }
        if (left == 0) {
            client.reset();
            return;
        }
    }
}

}  // namespace mox::test_support
