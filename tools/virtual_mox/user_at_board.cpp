#include "virtual_mox/user_at_board.hpp"

#include <chrono>

namespace mox::virtual_mox {

namespace asio = boost::asio;
using led_decoder::Announced;
using led_decoder::Sign;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;
/// The boot loader lights the LED after 0.2 s, for 1 s. After a mode that reset the environment it first
/// saves the environment and starts twice: that takes a minute or more, several times that on a busy host.
constexpr auto boot_loader_timeout = 600s;

asio::awaitable<Expected<LedEdge>> edge(Machine& machine, LedHistory::Position at) {
    auto& edges = machine.led_edges();
    if (co_await edges.reaches(at, Clock::now() + boot_loader_timeout)) co_return edges[at];
    co_return fail(kind, "the boot loader does nothing with the LED. The console's last lines:\n" +
                             machine.console().last_lines());
}

/// The same number of blinks again, without a press in between, is the second announcement.
Announced counted(const Announced& before, int blinks, bool objected) {
    const bool again = blinks == before.mode && !objected;
    return {blinks, again ? before.repetition + 1 : 1};
}

}  // namespace

asio::awaitable<Expected<EnteredRescue>> enter_rescue(Machine& machine, Clock::duration afterwards) {
    if (auto held = co_await machine.press(); !held) co_return pass_on(held);
    const auto first_edge = machine.led_edges().end();
    if (auto on = co_await machine.power_on(); !on) co_return pass_on(on);
    const auto lit = co_await edge(machine, first_edge);
    if (!lit) co_return std::unexpected(lit.error());
    const auto dark = co_await edge(machine, first_edge + 1);
    if (!dark) co_return std::unexpected(dark.error());
    co_await machine.passes(afterwards);
    if (auto released = co_await machine.release(); !released) co_return pass_on(released);
    co_return EnteredRescue{lit->at, dark->at, dark->board_time - lit->board_time};
}

asio::awaitable<Expected<Announcements>> choose_mode(Machine& machine, LedWatch& watch,
                                                     led_decoder::UserModel user, Clock::duration timeout) {
    Announcements announcements;
    Announced announced;
    bool objected = false;
    for (;;) {
        const auto reading = co_await watch.until(Sign::announcement, timeout);
        if (!reading) co_return std::unexpected(reading.error());
        announcements.push_back(reading->blinks);
        announced = counted(announced, reading->blinks, objected);
        objected = user.objects_to(announced);
        if (objected) {
            co_await machine.passes(user.reaction);
            if (auto pressed = co_await machine.press_for(user.press_length); !pressed)
                co_return pass_on(pressed);
        } else if (announced.mode == user.wanted_mode && announced.repetition == 2) {
            co_return announcements;
        }
    }
}

asio::awaitable<Expected<Announcements>> start_rescue_mode(Machine& machine, LedWatch& watch, int mode) {
    const auto entered = co_await enter_rescue(machine);
    if (!entered) co_return std::unexpected(entered.error());
    const led_decoder::UserModel user{.wanted_mode = mode, .missed_mode = 0};
    co_return co_await choose_mode(machine, watch, user);
}

}  // namespace mox::virtual_mox
