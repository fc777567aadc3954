#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace mox::network {

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
