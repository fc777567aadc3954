#include "virtual_mox/board_show.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/spawn.hpp"
#include "virtual_mox/visible_text.hpp"
#include "virtual_mox/wire.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

constexpr auto for_ever = Clock::time_point::max();

}  // namespace

BoardShow::BoardShow(const asio::any_io_executor& executor, Machine& machine, console::Console& console,
                     led_decoder::UserModel user)
    : executor_(executor),
      machine_(machine),
      console_(console),
      user_(user),
      panel_(executor, console, [&machine] { return machine.board_clock(); }) {}

void BoardShow::begin() {
    panel_.set_announcement_listener([this](const led_decoder::Announced& announced) {
        if (!first_announcement_) first_announcement_ = Clock::now();
        if (user_.objects_to(announced)) async::spawn(executor_, [this] { return press(); });
    });
    panel_.set_error_listener([this](int code) {
        error_code_ = code;
        if (on_error_) on_error_();
    });
    async::spawn(executor_, [this] { return follow_led(); });
    async::spawn(executor_, [this] { return follow_button(); });
    async::spawn(executor_, [this] { return follow_console(); });
    async::spawn(executor_, [this] { return panel_.watch(); });
}

void BoardShow::stop() {
    stopped_ = true;
    panel_.stop();
}

asio::awaitable<void> BoardShow::follow_led() {
    auto& edges = machine_.led_edges();
    int times_lit = 0;
    for (auto at = edges.end(); co_await edges.reaches(at, for_ever); ++at) {
        if (stopped_) co_return;
        const auto edge = edges[at];
        if (times_lit == 0) panel_.power_came(edge.board_clock - edge.board_time);
        // The boot loader lights it once; the second light is the rescue system's.
        if (edge.lit && ++times_lit == 2) panel_.rescue_begins(edge.board_clock);
        panel_.led_changed(edge.lit, edge.board_clock);
    }
}

asio::awaitable<void> BoardShow::follow_button() {
    auto& edges = machine_.button_edges();
    for (auto at = edges.end(); co_await edges.reaches(at, for_ever); ++at)
        panel_.button_changed(edges[at].down, edges[at].board_clock);
}

asio::awaitable<void> BoardShow::follow_console() {
    auto& console = machine_.console();
    LineSplitter lines;
    for (auto at = console.end(); co_await console.reaches(at, for_ever);) {
        if (stopped_) co_return;
        const std::string bytes(console.text_from(at));
        at = console.end();
        for (const auto& line : lines.add(bytes))
            if (const auto text = visible_text(line); !text.empty()) console_.print("        " + text);
    }
}

asio::awaitable<void> BoardShow::press() {
    asio::steady_timer timer(executor_, user_.reaction);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    // When the board has lost its power, the caller ends the scenario.
    static_cast<void>(co_await machine_.press_for(user_.press_length));
}

}  // namespace mox::virtual_mox
