#include "storage/drive_arrival.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/uevent.hpp"
#include "storage/disk_uevent.hpp"

namespace mox::storage {

namespace {

/// Asio's view of a descriptor that stays open, and collects messages, between two waits.
struct BorrowedDescriptor {
    BorrowedDescriptor(const boost::asio::any_io_executor& executor, int fd) : descriptor(executor, fd) {}
    BorrowedDescriptor(const BorrowedDescriptor&) = delete;
    BorrowedDescriptor& operator=(const BorrowedDescriptor&) = delete;
    ~BorrowedDescriptor() { descriptor.release(); }

    boost::asio::posix::stream_descriptor descriptor;
};

/// Takes all waiting messages.
bool heard_of_a_disk(UeventSocket& socket) {
    bool heard = false;
    std::string message;
    for (;;) {
        switch (socket.receive(message)) {
            case UeventSocket::Reception::none:
                return heard;
            case UeventSocket::Reception::overflow:  // a disk may be among what was lost
                heard = true;
                break;
            case UeventSocket::Reception::message:
                if (const auto event = parse_uevent(message)) heard = heard || brings_a_disk(*event);
                break;
        }
    }
}

}  // namespace

DriveArrival::DriveArrival() {
    auto socket = UeventSocket::open();
    if (socket) {
        socket_.emplace(std::move(*socket));
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
    BorrowedDescriptor readable(executor, socket_->fd());
    while (!heard_of_a_disk(*socket_)) {
        if (Clock::now() >= deadline) co_return false;
        boost::system::error_code failure;
        co_await (readable.descriptor.async_wait(stream_descriptor::wait_read,
                                                 redirect_error(use_awaitable, failure)) ||
                  timer.async_wait(redirect_error(use_awaitable, time_is_up)));
    }
    co_return true;
}

}  // namespace mox::storage
