#include "base/uevent_socket.hpp"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

namespace mox {

namespace {

constexpr unsigned kernel_events_group = 1;
/// The kernel's messages are at most 2 KiB of variables and a device path of 4 KiB (UEVENT_BUFFER_SIZE,
/// PATH_MAX).
constexpr std::uint32_t largest_message = 8192;

}  // namespace

Expected<UeventSocket> UeventSocket::open() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!socket) return fail_errno(ErrorKind::internal, "kernel events");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernel_events_group;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(ErrorKind::internal, "kernel events");
    return UeventSocket(std::move(socket));
}

Expected<void> UeventSocket::accept_only(std::initializer_list<std::string_view> actions) {
    // Classic BPF (Linux: Documentation/networking/filter.rst): a message begins with its action; each action
    // is a comparison of the first four bytes, which skips the rest of the program when they differ.
    std::vector<sock_filter> program;
    for (const auto action : actions) {
        std::uint32_t first_letters = 0;
        for (const char letter : action.substr(0, 4))
            first_letters = first_letters << 8U | static_cast<unsigned char>(letter);
        program.push_back({.code = BPF_LD | BPF_W | BPF_ABS, .jt = 0, .jf = 0, .k = 0});
        program.push_back({.code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 1, .k = first_letters});
        program.push_back({.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = largest_message});
    }
    program.push_back({.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0});
    const sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
    if (::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
        return fail_errno(ErrorKind::internal, "filter of kernel events");
    return {};
}

UeventSocket::Reception UeventSocket::receive(std::string& message) {
    std::array<char, largest_message> buffer{};
    sockaddr_nl sender{};
    for (;;) {
        socklen_t sender_size = sizeof sender;
        const ssize_t got = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                                       reinterpret_cast<sockaddr*>(&sender), &sender_size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ENOBUFS) return Reception::overflow;
        if (got < 0) return Reception::none;
        if (sender.nl_pid != 0) continue;  // another process pretends to be the kernel
        message.assign(buffer.data(), static_cast<std::size_t>(got));
        return Reception::message;
    }
}

}  // namespace mox
