#include "board/evdev_button.hpp"

#include <utility>
#include <variant>

#include "async/waiting.hpp"

namespace mox::board {

namespace asio = boost::asio;

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
    if (source_.fd() >= 0)
        co_await async::readable_before(source_.fd(), deadline);
    else
        co_await async::wait_until(deadline);
}

asio::awaitable<std::optional<ButtonEvent>> EvdevButton::edge_before(Clock::time_point deadline) {
    for (;;) {
        if (const auto edge = take_edge()) co_return edge;
        if (Clock::now() >= deadline) co_return std::nullopt;
        co_await something_happens(deadline);
    }
}

}  // namespace mox::board
