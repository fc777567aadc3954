#include "storage/drive_arrival.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "storage/uevent.hpp"

namespace mox::storage {

namespace {

constexpr unsigned kernel_events_group = 1;  // 2 is udev's

Expected<UniqueFd> open_uevent_socket() {
    UniqueFd socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    if (!socket) return fail_errno(ErrorKind::internal, "kernel events");
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = kernel_events_group;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno(ErrorKind::internal, "kernel events");
    return socket;
}

enum class Reception { nothing_more, overflow, message };

/// One waiting message of the kernel itself.
Reception receive(int socket, std::string& message) {
    std::array<char, 8192> buffer{};
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    for (;;) {
        const ssize_t got = ::recvfrom(socket, buffer.data(), buffer.size(), 0,
                                       reinterpret_cast<sockaddr*>(&sender), &sender_size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ENOBUFS) return Reception::overflow;
        if (got < 0) return Reception::nothing_more;
        if (sender.nl_pid != 0) continue;  // another process pretends to be the kernel
        message.assign(buffer.data(), static_cast<std::size_t>(got));
        return Reception::message;
    }
}

/// Asio's view of a descriptor that stays open, and collects messages, between two waits.
struct BorrowedDescriptor {
    BorrowedDescriptor(const boost::asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}
    BorrowedDescriptor(const BorrowedDescriptor&) = delete;
    BorrowedDescriptor& operator=(const BorrowedDescriptor&) = delete;
    ~BorrowedDescriptor() { descriptor.release(); }

    boost::asio::posix::stream_descriptor descriptor;
};

/// Takes all waiting messages.
bool heard_of_a_disk(int socket) {
    bool heard = false;
    std::string message;
    for (;;) {
        switch (receive(socket, message)) {
            case Reception::nothing_more:
                return heard;
            case Reception::overflow:  // more happened than the kernel could queue: a disk may be among it
                heard = true;
                break;
            case Reception::message:
                if (const auto event = parse_uevent(message)) heard = heard || brings_a_disk(*event);
                break;
        }
    }
}

}  // namespace

DriveArrival::DriveArrival() {
    auto socket = open_uevent_socket();
    if (socket) {
        socket_ = std::move(*socket);
        return;
    }
    deaf_because_ = socket.error().describe();
    last_look_due_ = true;
}

boost::asio::awaitable<bool> DriveArrival::drive_change_before(Clock::time_point deadline) {
    using namespace boost::asio::experimental::awaitable_operators;
    using boost::asio::redirect_error;
    using boost::asio::use_awaitable;
    using boost::asio::posix::stream_descriptor;

    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, deadline);
    boost::system::error_code time_is_up;
    if (!socket_) {
        co_await timer.async_wait(redirect_error(use_awaitable, time_is_up));
        co_return std::exchange(last_look_due_, false);
    }
    BorrowedDescriptor readable(executor, socket_.get());
    while (!heard_of_a_disk(socket_.get())) {
        if (Clock::now() >= deadline) co_return false;
        boost::system::error_code failure;
        co_await (readable.descriptor.async_wait(stream_descriptor::wait_read,
                                                 redirect_error(use_awaitable, failure)) ||
                  timer.async_wait(redirect_error(use_awaitable, time_is_up)));
    }
    co_return true;
}

}  // namespace mox::storage
