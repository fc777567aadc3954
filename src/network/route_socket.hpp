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
    bool up = false;       ///< switched on by us
    bool carrier = false;  ///< a cable with somebody at its other end
    std::vector<std::uint8_t> hardware_address;
};

/// Asks the kernel about network interfaces, and tells it what to do (rtnetlink(7)). Errors (`network`): the
/// kernel refuses, and why.
class RouteSocket {
public:
    [[nodiscard]] static Expected<RouteSocket> open();

    [[nodiscard]] Expected<std::vector<Link>> links();

    [[nodiscard]] Expected<void> switch_on(int link);

    /// One that is there already is no error.
    [[nodiscard]] Expected<void> add_address(int link, const Ipv4Interface& interface);
    /// One that is not there is no error.
    [[nodiscard]] Expected<void> remove_address(int link, const Ipv4Interface& interface);

    /// Everything that `interface` of `link` does not reach itself goes to `router`, instead of where it went
    /// before. A router outside the interface's subnet is reached over the link directly.
    [[nodiscard]] Expected<void> set_default_route(int link, const Ipv4Interface& interface,
                                                   Ipv4Address router);

private:
    explicit RouteSocket(UniqueFd socket) : socket_(std::move(socket)) {}

    /// Packets for `host` go out on `link`, without a router between.
    [[nodiscard]] Expected<void> set_link_route(int link, Ipv4Address host);

    /// Sends a request and reads the answer up to its end, each message given to `take`. Errors: errno.
    [[nodiscard]] std::expected<void, int> ask(std::span<std::byte> request,
                                               const std::function<void(std::span<const std::byte>)>& take);
    /// `harmless`: the refusal that says that everything is so already.
    [[nodiscard]] Expected<void> change(std::span<std::byte> request, std::string_view what,
                                        int harmless = 0);

    UniqueFd socket_;
    std::uint32_t sequence_ = 0;
};

/// One request to the kernel, put together in place: header, a struct of the subject (`Subject` is ifinfomsg,
/// ifaddrmsg or rtmsg), attributes. Room for what we ask; a request that grows beyond is a bug and is cut.
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
