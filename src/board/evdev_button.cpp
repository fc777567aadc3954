#include "board/evdev_button.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "board/evdev_device.hpp"
#include "board/folder_watch.hpp"

namespace mox::board {

namespace {

namespace asio = boost::asio;
constexpr auto quietly = asio::as_tuple(asio::use_awaitable);

/// N of "eventN"; nothing for other names (mice, js0, by-path).
std::optional<unsigned> event_number(std::string_view name) {
    if (!name.starts_with("event")) return std::nullopt;
    name.remove_prefix(5);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

std::vector<std::filesystem::path> event_nodes(const std::filesystem::path& folder) {
    std::vector<std::pair<unsigned, std::filesystem::path>> numbered;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (const auto number = event_number(entry->path().filename().native()))
            numbered.emplace_back(*number, entry->path());
    std::ranges::sort(numbered);

    std::vector<std::filesystem::path> nodes;
    for (auto& [number, node] : numbered) nodes.push_back(std::move(node));
    return nodes;
}

std::unique_ptr<EvdevDevice> best_device(const asio::any_io_executor& executor,
                                         const std::filesystem::path& folder, std::span<const unsigned> keys,
                                         Log& log) {
    std::unique_ptr<EvdevDevice> best;
    for (const auto& node : event_nodes(folder)) {
        auto device = EvdevDevice::open(executor, node, keys);
        if (!device)
            log.debug("no button: " + device.error().describe());
        else if (*device && (!best || (*device)->rank() < best->rank()))
            best = std::move(*device);
    }
    return best;
}

asio::awaitable<void> wait_until(Clock::time_point deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    co_await timer.async_wait(quietly);
}

asio::awaitable<void> wait_for(asio::posix::stream_descriptor& descriptor) {
    co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, quietly);
}

}  // namespace

EvdevButton::EvdevButton(const asio::any_io_executor& executor, std::vector<unsigned> keys,
                         std::filesystem::path folder, Log& log)
    : executor_(executor), keys_(std::move(keys)), folder_(std::move(folder)), log_(log) {
    look_for_device();
    if (!device_)
        log_.warning("no button in " + folder_.native() +
                     " (yet): without one the mode that is announced first will be executed");
}

EvdevButton::~EvdevButton() = default;

void EvdevButton::look_for_device() {
    // The watch begins before the look, so that nothing can appear unseen in between.
    auto watch = FolderWatch::on(executor_, folder_);
    device_ = best_device(executor_, folder_, keys_, log_);
    watch_.reset();
    if (device_)
        log_.info("button: " + device_->describe());
    else if (watch)
        watch_ = std::make_unique<FolderWatch>(std::move(*watch));
    else
        log_.warning("a button that appears later will not be noticed: " + watch.error().describe());
}

std::optional<ButtonEvent> EvdevButton::forget_device() {
    const bool was_down = device_->is_down();
    log_.warning("button: " + device_->describe() + " is gone; looking for another");
    device_.reset();
    look_for_device();
    if (was_down == is_down()) return std::nullopt;
    return ButtonEvent{was_down ? ButtonEdge::released : ButtonEdge::found_held, Clock::now()};
}

bool EvdevButton::is_down() {
    return device_ && device_->is_down();
}

std::optional<ButtonEvent> EvdevButton::take_edge() {
    while (device_) {
        const auto taken = device_->take_edge();
        if (const auto* event = std::get_if<ButtonEvent>(&taken)) return *event;
        if (std::holds_alternative<EvdevDevice::Nothing>(taken)) return std::nullopt;
        if (const auto event = forget_device()) return event;
    }
    return std::nullopt;
}

asio::awaitable<void> EvdevButton::something_happens(Clock::time_point deadline) {
    using namespace asio::experimental::awaitable_operators;
    if (device_)
        co_await (wait_until(deadline) || wait_for(device_->descriptor()));
    else if (watch_)
        co_await (wait_until(deadline) || wait_for(watch_->descriptor()));
    else
        co_await wait_until(deadline);
}

asio::awaitable<std::optional<ButtonEvent>> EvdevButton::edge_before(Clock::time_point deadline) {
    for (;;) {
        if (const auto edge = take_edge()) co_return edge;
        if (Clock::now() >= deadline) co_return std::nullopt;
        const bool was_missing = !device_;
        co_await something_happens(deadline);
        if (was_missing && Clock::now() < deadline) {
            look_for_device();
            if (is_down()) co_return ButtonEvent{ButtonEdge::found_held, Clock::now()};
        }
    }
}

}  // namespace mox::board
