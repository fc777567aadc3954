#include "base/uevent.hpp"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <vector>

#include "base/text.hpp"

namespace mox {

namespace {

/// A time of more than a year becomes one year, so that no later addition can overflow.
std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
    constexpr std::uint64_t longest = 365ULL * 24 * 60 * 60;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) number = longest;
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(std::min(number, longest)));
}

void apply(Uevent& event, std::string_view key, std::string_view value) {
    if (key == "ACTION") event.action = value;
    if (key == "SUBSYSTEM") event.subsystem = value;
    if (key == "DEVTYPE") event.type = value;
    if (key == "DEVNAME") event.name = value;
    if (key == "DISK_MEDIA_CHANGE") event.media_change = value == "1";
    if (key == "BUTTON") event.button = value;
    if (key == "SEEN") event.seen = parse_seconds(value);
}

}  // namespace

std::optional<Uevent> parse_uevent(std::string_view message) {
    if (take_until(message, '\0').find('@') == std::string_view::npos) return std::nullopt;
    Uevent event;
    while (!message.empty()) {
        const auto field = take_until(message, '\0');
        const auto equals = field.find('=');
        if (equals != std::string_view::npos) apply(event, field.substr(0, equals), field.substr(equals + 1));
    }
    if (event.action.empty() || event.subsystem.empty()) return std::nullopt;
    return event;
}

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
    // Classic BPF (Linux: Documentation/networking/filter.rst): a message begins with its action; for each
    // action the program compares the first four bytes, and accepts the message when they are equal.
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
