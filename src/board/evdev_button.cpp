#include "board/evdev_button.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <variant>

namespace mox::board {

namespace {

namespace asio = boost::asio;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> wait_until(Clock::time_point deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    co_await timer.async_wait(quietly);
}

/// A file descriptor in the event loop that is not owned.
class BorrowedFile {
public:
    BorrowedFile(const asio::any_io_executor& executor, int fd) : descriptor_(executor, fd) {}
    BorrowedFile(const BorrowedFile&) = delete;
    BorrowedFile& operator=(const BorrowedFile&) = delete;
    ~BorrowedFile() { descriptor_.release(); }

    [[nodiscard]] asio::posix::stream_descriptor& get() { return descriptor_; }

private:
    asio::posix::stream_descriptor descriptor_;
};

asio::awaitable<void> wait_for(const asio::any_io_executor& executor, int fd) {
    BorrowedFile file(executor, fd);
    co_await file.get().async_wait(asio::posix::stream_descriptor::wait_read, quietly);
}

}  // namespace

EvdevButton::EvdevButton(const asio::any_io_executor& executor, std::vector<unsigned> keys,
                         const std::filesystem::path& directory, Log& log)
    : executor_(executor), source_(std::move(keys), directory, Claim::shared, log) {
    if (!source_.has_device())
        log.warning("no button in " + directory.native() +
                    " (yet): without one the mode that is announced first will be executed");
}

bool EvdevButton::is_down() {
    return source_.is_down();
}

std::optional<ButtonEvent> EvdevButton::take_edge() {
    for (;;) {
        const auto taken = source_.take();
        if (const auto* event = std::get_if<ButtonEvent>(&taken)) return *event;
        const auto* lost = std::get_if<EvdevSource::Lost>(&taken);
        if (lost == nullptr) return std::nullopt;
        if (lost->was_down) return ButtonEvent{ButtonEdge::released, Clock::now()};
    }
}

asio::awaitable<void> EvdevButton::something_happens(Clock::time_point deadline) {
    using namespace asio::experimental::awaitable_operators;
    if (source_.fd() >= 0)
        co_await (wait_until(deadline) || wait_for(executor_, source_.fd()));
    else
        co_await wait_until(deadline);
}

asio::awaitable<std::optional<ButtonEvent>> EvdevButton::edge_before(Clock::time_point deadline) {
    for (;;) {
        if (const auto edge = take_edge()) co_return edge;
        if (Clock::now() >= deadline) co_return std::nullopt;
        co_await something_happens(deadline);
    }
}

}  // namespace mox::board
