#include "virtual_mox/machine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace mox::virtual_mox {

namespace asio = boost::asio;
using nlohmann::json;
using Result = Machine::Result;

namespace {

constexpr auto kind = ErrorKind::internal;

std::unexpected<Error> without_power() {
    return fail(kind, "the board has no power");
}

}  // namespace

Machine::~Machine() {
    if (qemu_) qemu_->end();
}

Result Machine::power_on() {
    if (qemu_) co_return fail(kind, "the board has power already");
    auto setup = setup_;
    for (auto& option : slots_.options()) setup.more_options.push_back(std::move(option));
    auto started = co_await RunningQemu::start(setup, listeners());
    if (!started) co_return pass_on(started);
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
    co_return co_await order("cont", json());
}

Result Machine::prepare_start() {
    if (auto attached = co_await slots_.attach_all(qemu_); !attached) co_return attached;
    if (!cable_plugged_)
        if (auto unplugged = co_await set_cable(false); !unplugged) co_return unplugged;
    if (!button_down_) co_return Expected<void>();
    const auto held = qemu_->set_input(names_.button, true);
    if (!held) co_return std::unexpected(held.error());
    co_return co_await qemu_->reply_to(*held);
}

void Machine::pull_plug() {
    if (!qemu_) return;
    qemu_->end();
    power_is_gone();
}

void Machine::power_is_gone() {
    qemu_.reset();
    if (std::exchange(lit_, false)) led_edges_.add({false, Clock::now()});
    power_bell_.ring();
}

Result Machine::powers_off(Clock::duration patience) {
    const auto deadline = Clock::now() + patience;
    while (qemu_ && Clock::now() < deadline) co_await power_bell_.heard_before(deadline);
    if (qemu_)
        co_return fail(kind, "the board did not switch itself off within " + to_text(patience) +
                                 ". The console's last lines:\n" + console_.last_lines());
    co_return Expected<void>();
}

Result Machine::reset() {
    return order("system_reset", json());
}

QemuListeners Machine::listeners() {
    return {.gpio = [this](QtestLine line, Clock::time_point at) { led_line(line, at); },
            .notice = [this](QmpNotice message) { notice(std::move(message)); },
            .console = [this](std::string_view bytes, Clock::time_point at) { console_.arrived(bytes, at); },
            .ended = [this] { power_is_gone(); }};
}

void Machine::led_line(QtestLine line, Clock::time_point at) {
    if (line.number != names_.led || line.high == lit_) return;
    lit_ = line.high;
    led_edges_.add({lit_, at});
}

void Machine::notice(QmpNotice message) {
    // A reset has lowered all inputs. If sending fails QEMU has gone, which is told otherwise.
    if (message.name == "RESET" && button_down_ && qemu_)
        static_cast<void>(qemu_->set_input(names_.button, true));
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
    if (!qemu_) {
        button_edges_.add({down, Clock::now()});
        co_return Expected<void>();
    }
    const auto qemu = qemu_;
    const auto set = qemu->set_input(names_.button, down);
    button_edges_.add({down, Clock::now()});
    if (!set) co_return std::unexpected(set.error());
    co_return co_await qemu->reply_to(*set);
}

Result Machine::press_for(Clock::duration length) {
    const auto until = Clock::now() + length;
    if (auto pressed = co_await press(); !pressed) co_return pressed;
    asio::steady_timer timer(co_await asio::this_coro::executor, until);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return co_await release();
}

Result Machine::spoil_card(std::vector<MediumFault> faults) {
    if (!qemu_) co_return without_power();
    co_return co_await slots_.spoil_card(qemu_, std::move(faults));
}

Result Machine::set_cable(bool plugged) {
    cable_plugged_ = plugged;
    if (!qemu_) co_return Expected<void>();
    json link;
    link["name"] = ethernet;
    link["up"] = plugged;
    co_return co_await order("set_link", std::move(link));
}

asio::awaitable<Expected<BoardEvent>> Machine::event(std::string name, EventJournal::Position since,
                                                     Clock::duration patience) {
    const auto deadline = Clock::now() + patience;
    for (auto at = since; co_await events_.reaches(at, deadline); ++at)
        if (events_[at].name == name) co_return events_[at];
    co_return fail(kind, "no " + name + " of the board within " + to_text(patience) +
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
