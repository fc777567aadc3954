#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "network/ipv4.hpp"

namespace mox::network {

/// A network interface as the kernel describes it.
struct Link {
    int index = 0;
    std::string name;
    bool up = false;       ///< switched on by software
    bool carrier = false;  ///< has a link
    std::vector<std::uint8_t> hardware_address;
};

/// Reads and changes the kernel's network interfaces (rtnetlink(7)). Errors (`network`): the kernel refuses,
/// with its reason.
class RouteSocket {
public:
    [[nodiscard]] static Expected<RouteSocket> open();

    [[nodiscard]] Expected<std::vector<Link>> links();

    [[nodiscard]] Expected<void> switch_on(int link);

    /// An address that exists already is not an error.
    [[nodiscard]] Expected<void> add_address(int link, const Ipv4Interface& interface);
    /// An address that does not exist is not an error.
    [[nodiscard]] Expected<void> remove_address(int link, const Ipv4Interface& interface);

    /// Sets or replaces the default route: packets for addresses that `interface` of `link` does not reach go
    /// to `router`. A router outside of the interface's subnet gets a route on the link.
    [[nodiscard]] Expected<void> set_default_route(int link, const Ipv4Interface& interface,
                                                   Ipv4Address router);

private:
    explicit RouteSocket(UniqueFd socket) : socket_(std::move(socket)) {}

    /// Adds a route to `host` on `link`, without a router.
    [[nodiscard]] Expected<void> set_link_route(int link, Ipv4Address host);

    /// Sends a request and reads the whole answer; calls `take` with each message. Errors: errno.
    [[nodiscard]] std::expected<void, int> ask(std::span<std::byte> request,
                                               const std::function<void(std::span<const std::byte>)>& take);
    /// `harmless`: the errno that means that there is no change to make.
    [[nodiscard]] Expected<void> change(std::span<std::byte> request, std::string_view what,
                                        int harmless = 0);

    UniqueFd socket_;
    std::uint32_t sequence_ = 0;
};

/// A request to the kernel: header, a struct (`Subject` is ifinfomsg, ifaddrmsg or rtmsg), attributes. The
/// buffer is large enough for all requests of RouteSocket; an attribute beyond it would be a bug and is
/// dropped.
template <typename Subject>
class RouteRequest {
public:
    RouteRequest(std::uint16_t type, std::uint16_t flags, const Subject& subject) {
        header().nlmsg_type = type;
        header().nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        header().nlmsg_len = NLMSG_LENGTH(sizeof subject);
        std::memcpy(NLMSG_DATA(&header()), &subject, sizeof subject);
    }

    template <typename Value>
    RouteRequest& attribute(std::uint16_t type, const Value& value) {
        const std::size_t begin = NLMSG_ALIGN(header().nlmsg_len);
        const std::size_t length = RTA_LENGTH(sizeof value);
        if (begin + RTA_SPACE(sizeof value) > buffer_.size()) return *this;
        const rtattr head{.rta_len = static_cast<std::uint16_t>(length), .rta_type = type};
        std::memcpy(&buffer_[begin], &head, sizeof head);
        std::memcpy(&buffer_[begin + RTA_LENGTH(0)], &value, sizeof value);
        header().nlmsg_len = static_cast<std::uint32_t>(begin + length);
        return *this;
    }

    [[nodiscard]] std::span<std::byte> bytes() { return std::span(buffer_).first(header().nlmsg_len); }

private:
    nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(buffer_.data()); }

    alignas(nlmsghdr) std::array<std::byte, 256> buffer_{};
};

}  // namespace mox::network
