#include "network/route_socket.hpp"

#include <arpa/inet.h>
#include <linux/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace mox::network {

namespace {

/// Larger than any message of the kernel (32 KiB, Documentation/userspace-api/netlink/intro.rst).
constexpr std::size_t answer_size = 64 << 10;

template <typename Value>
std::optional<Value> value_at(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(Value)) return std::nullopt;
    Value value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// Calls `attribute(type, payload)` for each attribute in `bytes`.
void for_each_attribute(std::span<const std::byte> bytes, auto&& attribute) {
    while (const auto head = value_at<rtattr>(bytes, 0)) {
        if (head->rta_len < sizeof(rtattr) || head->rta_len > bytes.size()) return;
        attribute(head->rta_type, bytes.first(head->rta_len).subspan(RTA_LENGTH(0)));
        bytes = bytes.subspan(std::min<std::size_t>(RTA_ALIGN(head->rta_len), bytes.size()));
    }
}

std::string text_in(std::span<const std::byte> payload) {
    std::string text(reinterpret_cast<const char*>(payload.data()), payload.size());
    return text.substr(0, text.find('\0'));
}

/// The interface in a message.
std::optional<Link> link_in(std::span<const std::byte> message) {
    const auto header = value_at<nlmsghdr>(message, 0);
    const auto subject = value_at<ifinfomsg>(message, NLMSG_HDRLEN);
    if (!header || header->nlmsg_type != RTM_NEWLINK || !subject) return std::nullopt;
    Link link{.index = subject->ifi_index,
              .name = {},
              .up = (subject->ifi_flags & IFF_UP) != 0,
              .carrier = (subject->ifi_flags & (IFF_RUNNING | IFF_LOWER_UP)) == (IFF_RUNNING | IFF_LOWER_UP),
              .hardware_address = {}};
    for_each_attribute(message.subspan(NLMSG_SPACE(sizeof(ifinfomsg))), [&](int type, auto payload) {
        if (type == IFLA_IFNAME) link.name = text_in(payload);
        if (type == IFLA_ADDRESS)
            for (const auto byte : payload)
                link.hardware_address.push_back(std::to_integer<std::uint8_t>(byte));
    });
    return link;
}

/// Whether more messages of an answer follow.
enum class Answer { goes_on, complete };

/// Errors: the kernel's refusal, as errno.
std::expected<Answer, int> read_message(std::span<const std::byte> message, const nlmsghdr& header,
                                        const std::function<void(std::span<const std::byte>)>& take) {
    if (header.nlmsg_type == NLMSG_DONE) return Answer::complete;
    if (header.nlmsg_type == NLMSG_ERROR) {
        const auto error = value_at<nlmsgerr>(message, NLMSG_HDRLEN);
        if (!error) return std::unexpected(EPROTO);
        if (error->error != 0) return std::unexpected(-error->error);
        return Answer::complete;
    }
    take(message);
    return Answer::goes_on;
}

Ipv4Address network_order(Ipv4Address address) {
    return {htonl(address.value)};
}

rtmsg route_of_ours(unsigned char scope) {
    rtmsg subject{};
    subject.rtm_family = AF_INET;
    subject.rtm_table = RT_TABLE_MAIN;
    subject.rtm_protocol = RTPROT_DHCP;
    subject.rtm_scope = scope;
    subject.rtm_type = RTN_UNICAST;
    return subject;
}

}  // namespace

Expected<RouteSocket> RouteSocket::open() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket) return fail_errno(ErrorKind::network, "the kernel has no network");
    return RouteSocket(std::move(socket));
}

std::expected<void, int> RouteSocket::ask(std::span<std::byte> request,
                                          const std::function<void(std::span<const std::byte>)>& take) {
    const auto sequence = ++sequence_;
    std::memcpy(request.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence, sizeof sequence);
    if (::send(socket_.get(), request.data(), request.size(), 0) < 0) return std::unexpected(errno);
    std::vector<std::byte> buffer(answer_size);
    for (;;) {
        const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::unexpected(got < 0 ? errno : EPROTO);
        auto rest = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(got));
        while (const auto header = value_at<nlmsghdr>(rest, 0)) {
            if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > rest.size()) break;
            if (header->nlmsg_seq == sequence) {
                const auto answer = TRY(read_message(rest.first(header->nlmsg_len), *header, take));
                if (answer == Answer::complete) return {};
            }
            rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), rest.size()));
        }
    }
}

Expected<void> RouteSocket::change(std::span<std::byte> request, std::string_view what, int harmless) {
    const auto done = ask(request, [](auto) {});
    if (done || done.error() == harmless) return {};
    return fail_errno(ErrorKind::network, what, done.error());
}

Expected<std::vector<Link>> RouteSocket::links() {
    RouteRequest request(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{});
    std::vector<Link> links;
    const auto asked = ask(request.bytes(), [&](std::span<const std::byte> message) {
        if (auto link = link_in(message)) links.push_back(std::move(*link));
    });
    if (!asked) return fail_errno(ErrorKind::network, "network interfaces", asked.error());
    return links;
}

Expected<void> RouteSocket::switch_on(int link) {
    ifinfomsg subject{};
    subject.ifi_index = link;
    subject.ifi_flags = IFF_UP;
    subject.ifi_change = IFF_UP;
    RouteRequest request(RTM_NEWLINK, NLM_F_ACK, subject);
    return change(request.bytes(), "switching the network port on");
}

Expected<void> RouteSocket::add_address(int link, const Ipv4Interface& interface) {
    ifaddrmsg subject{};
    subject.ifa_family = AF_INET;
    subject.ifa_prefixlen = static_cast<std::uint8_t>(interface.prefix);
    subject.ifa_index = static_cast<std::uint32_t>(link);
    RouteRequest request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, subject);
    request.attribute(IFA_LOCAL, network_order(interface.address))
        .attribute(IFA_ADDRESS, network_order(interface.address));
    if (const auto broadcast = interface.broadcast())
        request.attribute(IFA_BROADCAST, network_order(*broadcast));
    return change(request.bytes(), "the address " + to_text(interface), EEXIST);
}

Expected<void> RouteSocket::remove_address(int link, const Ipv4Interface& interface) {
    ifaddrmsg subject{};
    subject.ifa_family = AF_INET;
    subject.ifa_prefixlen = static_cast<std::uint8_t>(interface.prefix);
    subject.ifa_index = static_cast<std::uint32_t>(link);
    RouteRequest request(RTM_DELADDR, NLM_F_ACK, subject);
    request.attribute(IFA_LOCAL, network_order(interface.address));
    return change(request.bytes(), "removing the address " + to_text(interface), EADDRNOTAVAIL);
}

Expected<void> RouteSocket::set_link_route(int link, Ipv4Address host) {
    auto subject = route_of_ours(RT_SCOPE_LINK);
    subject.rtm_dst_len = 32;
    RouteRequest request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, subject);
    request.attribute(RTA_DST, network_order(host)).attribute(RTA_OIF, link);
    return change(request.bytes(), "the route to " + to_text(host) + " on the link");
}

Expected<void> RouteSocket::set_default_route(int link, const Ipv4Interface& interface, Ipv4Address router) {
    auto subject = route_of_ours(RT_SCOPE_UNIVERSE);
    if (!interface.reaches(router)) {
        TRY(set_link_route(link, router));
        subject.rtm_flags = RTNH_F_ONLINK;
    }
    RouteRequest request(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, subject);
    request.attribute(RTA_GATEWAY, network_order(router)).attribute(RTA_OIF, link);
    return change(request.bytes(), "the route to " + to_text(router));
}

}  // namespace mox::network
