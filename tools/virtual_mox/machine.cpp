#include "virtual_mox/machine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <numeric>
#include <utility>
#include <variant>

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;
using Result = Machine::Result;

namespace {

using namespace std::chrono_literals;

constexpr auto kind = ErrorKind::internal;
/// The time limit for an answer of QEMU, long enough for a busy host.
constexpr auto panel_timeout = 60s;

std::unexpected<Error> without_power() {
    return fail(kind, "the board has no power");
}

}  // namespace

Machine::~Machine() {
    if (qemu_) qemu_->end();
}

Result Machine::power_on() {
    if (qemu_) co_return fail(kind, "the board has power already");
    auto started = co_await RunningQemu::start(setup_, listeners());
    if (!started) co_return pass_on(started);
    clock_base_ = board_clock();
    latest_time_ = next_tick_ = {};
    has_board_time_ = true;
    qemu_ = std::move(*started);
    console_.connect([this](std::string_view keys) -> Expected<void> {
        if (!qemu_) return without_power();
        return qemu_->type(keys);
    });
    auto ready = co_await prepare_start();
    if (!ready) {
        pull_plug();
        co_return ready;
    }
    powered_on_at_ = Clock::now();
    if (auto asked = qemu_->order_panel(at_command(next_tick_, tell_time_command())); !asked) co_return asked;
    co_return co_await order("cont", json());
}

Result Machine::prepare_start() {
    if (auto attached = co_await slots_.attach_all(qemu_); !attached) co_return attached;
    if (!cable_plugged_)
        if (auto unplugged = co_await set_cable(false); !unplugged) co_return unplugged;
    if (!button_down_) co_return Expected<void>();
    co_return qemu_->order_panel(press_command(true));
}

void Machine::pull_plug() {
    if (!qemu_) return;
    qemu_->end();
    power_is_gone();
}

void Machine::power_is_gone() {
    clock_base_ = board_clock();
    base_set_ = Clock::now();
    has_board_time_ = false;
    qemu_.reset();
    unseen_edge_.reset();
    planned_moves_ = 0;
    if (std::exchange(lit_, false)) led_edges_.add({instant_without_power(), false});
    changed_.notify();
}

Result Machine::powers_off(Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    while (qemu_ && Clock::now() < deadline) co_await changed_.notified_before(deadline);
    if (qemu_)
        co_return fail(kind, "the board did not switch itself off within " + to_text(timeout) +
                                 ". The console's last lines:\n" + console_.last_lines());
    co_return Expected<void>();
}

Result Machine::reset() {
    return order("system_reset", json());
}

QemuListeners Machine::listeners() {
    return {.panel = [this](const PanelMessage& message) { panel_says(message); },
            .notice = [this](QmpNotice message) { notice(std::move(message)); },
            .console = [this](std::string_view bytes, Clock::time_point at) { console_.arrived(bytes, at); },
            .ended = [this] { power_is_gone(); }};
}

/// A boot loader that sets up the GPIO makes the LED flicker for less than a millisecond, which is not
/// visible: an edge counts only when the LED has kept its state for this time of the board's clock.
void Machine::led_says(bool lit, VirtualTime at) {
    constexpr VirtualTime seen_after = 5ms;
    unseen_edge_.reset();
    if (lit == lit_) return;
    unseen_edge_ = UnseenEdge{{instant(at), lit}, at + seen_after};
    // An error is ignored: it means that QEMU has ended, which is reported elsewhere.
    if (qemu_) static_cast<void>(qemu_->order_panel(at_command(unseen_edge_->seen_at, tell_time_command())));
}

/// The first message of a connection is that the button is up; this is not an edge.
void Machine::button_says(bool down, VirtualTime at) {
    if (planned_moves_ > 0 && down != button_reported_) {
        --planned_moves_;
        button_down_ = down;
    }
    if (down != button_down_ || down == button_reported_) return;
    button_reported_ = down;
    button_edges_.add({instant(at), down});
    changed_.notify();
}

Clock::time_point Machine::board_clock() const {
    if (!has_board_time_) return clock_base_ + (Clock::now() - base_set_);
    return clock_base_ + (unseen_edge_ ? unseen_edge_->edge.board_time : latest_time_);
}

Clock::time_point Machine::not_before(Clock::time_point when) const {
    constexpr Clock::duration least = 5ms;
    return Clock::now() + std::max(when - board_clock(), least);
}

asio::awaitable<void> Machine::passes(Clock::duration length) const {
    const auto until = board_clock() + length;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (board_clock() < until) {
        timer.expires_at(not_before(until));
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

BoardInstant Machine::instant(VirtualTime at) const {
    return {Clock::now(), clock_base_ + at, at};
}

BoardInstant Machine::instant_without_power() const {
    return {Clock::now(), board_clock(), {}};
}

/// Requests the time repeatedly, so that board_clock advances without other messages.
void Machine::time_says(VirtualTime at) {
    constexpr VirtualTime tick = 100ms;
    latest_time_ = std::max(latest_time_, at);
    if (latest_time_ < next_tick_ || !qemu_) return;
    next_tick_ = at + tick;
    static_cast<void>(qemu_->order_panel(at_command(next_tick_, tell_time_command())));
}

void Machine::panel_says(const PanelMessage& message) {
    if (has_board_time_) time_says(message.at);
    if (const auto* led = std::get_if<PanelLed>(&message.what)) return led_says(led->lit, message.at);
    if (const auto* button = std::get_if<PanelButton>(&message.what)) button_says(button->down, message.at);
    if (std::holds_alternative<PanelReset>(message.what)) resets_.add({instant(message.at)});
    if (!unseen_edge_ || message.at < unseen_edge_->seen_at) return;
    lit_ = unseen_edge_->edge.lit;
    led_edges_.add(unseen_edge_->edge);
    unseen_edge_.reset();
}

void Machine::notice(QmpNotice message) {
    events_.add({std::move(message.name), std::move(message.data), Clock::now()});
}

Result Machine::press() {
    return set_button(true);
}

Result Machine::release() {
    return set_button(false);
}

Result Machine::set_button(bool down) {
    if (down == button_down_) co_return Expected<void>();
    button_down_ = down;
    if (qemu_) {
        if (auto set = qemu_->order_panel(press_command(down)); !set) co_return set;
        co_await until_button_rests(panel_timeout);
    }
    if (qemu_ && button_reported_ != down) co_return fail(kind, "the machine's button does not move");
    if (button_reported_ != down) button_edges_.add({instant_without_power(), down});
    button_reported_ = down;
    co_return Expected<void>();
}

/// Waits until the journal has the last edge, the power is gone, or for `timeout`.
asio::awaitable<void> Machine::until_button_rests(Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    while (qemu_ && (planned_moves_ > 0 || button_reported_ != button_down_) && Clock::now() < deadline)
        co_await changed_.notified_before(deadline);
}

Result Machine::press_for(Clock::duration length) {
    return move_button({length});
}

/// Starts at the last edge in the journal.
Expected<void> Machine::plan_button(const std::vector<Clock::duration>& lengths) {
    auto when = button_edges_[button_edges_.end() - 1].board_time;
    bool down = true;
    for (const auto length : lengths) {
        when += length;
        down = !down;
        if (auto planned = qemu_->order_panel(at_command(when, press_command(down))); !planned)
            return planned;
        ++planned_moves_;
    }
    return {};
}

Result Machine::move_button(std::vector<Clock::duration> lengths) {
    const auto all = std::reduce(lengths.begin(), lengths.end());
    const auto until = Clock::now() + all;
    if (auto pressed = co_await press(); !pressed) co_return pressed;
    if (qemu_) {
        if (auto planned = plan_button(lengths); !planned) co_return planned;
        co_await until_button_rests(panel_timeout + 10 * all);
        planned_moves_ = 0;
    }
    // The board has no power, or lost it meanwhile.
    asio::steady_timer timer(co_await asio::this_coro::executor, until);
    if (button_down_) co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return co_await release();
}

Result Machine::inject_card_faults(std::vector<MediumFault> faults) {
    if (!qemu_) co_return without_power();
    co_return co_await slots_.inject_card_faults(qemu_, std::move(faults));
}

Result Machine::set_cable(bool plugged) {
    cable_plugged_ = plugged;
    if (!qemu_) co_return Expected<void>();
    json link;
    link["name"] = ethernet;
    link["up"] = plugged;
    co_return co_await order("set_link", std::move(link));
}

asio::awaitable<Expected<BoardEvent>> Machine::event(std::string name, BoardEventHistory::Position since,
                                                     Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    for (auto at = since; co_await events_.reaches(at, deadline); ++at)
        if (events_[at].name == name) co_return events_[at];
    co_return fail(kind, "no " + name + " of the board within " + to_text(timeout) +
                             ". The console's last lines:\n" + console_.last_lines());
}

asio::awaitable<Expected<json>> Machine::execute(std::string command, json arguments) {
    if (!qemu_) co_return without_power();
    const auto qemu = qemu_;  // it may lose its power meanwhile
    co_return co_await qemu->execute(std::move(command), std::move(arguments));
}

Result Machine::order(std::string command, json arguments) {
    auto answer = co_await execute(std::move(command), std::move(arguments));
    if (!answer) co_return pass_on(answer);
    co_return Expected<void>();
}

std::optional<pid_t> Machine::pid() const {
    if (!qemu_) return std::nullopt;
    return qemu_->pid();
}

}  // namespace mox::virtual_mox
