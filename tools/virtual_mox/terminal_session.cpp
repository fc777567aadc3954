#include "virtual_mox/terminal_session.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "async/spawn.hpp"
#include "base/file.hpp"
#include "led_decoder/raw_terminal.hpp"
#include "virtual_mox/console_keys.hpp"
#include "virtual_mox/led_watch.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr auto stick_name = "stick";
/// A short press of a user.
constexpr auto short_press = 200ms;

void show(std::string_view text) {
    // An error is ignored: when the terminal is gone, reading the next key ends the session.
    static_cast<void>(write_all(STDOUT_FILENO, text, "terminal", ErrorKind::internal));
}

/// Prints a line of this program between those of the board.
void tell(const std::string& text) {
    std::string lines = "\r\n[";
    for (const char c : text) lines += c == '\n' ? std::string("\r\n ") : std::string(1, c);
    show(lines + "]\r\n");
}

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(Machine& machine, AvailableMedia media) : machine_(machine), media_(std::move(media)) {}

    asio::awaitable<void> run() {
        const auto executor = co_await asio::this_coro::executor;
        const auto self = shared_from_this();
        async::spawn(executor, [self] { return self->show_console(); });
        async::spawn(executor, [self] { return self->tell_led(); });
        tell(console_keys_help());
        co_await obey_keys();
        quit_ = true;
    }

private:
    asio::awaitable<void> show_console() {
        auto& console = machine_.console();
        for (auto at = console.end(); co_await console.reaches(at, Clock::time_point::max());) {
            if (quit_) co_return;
            show(console.text_from(at));
            at = console.end();
        }
    }

    /// A repeated pattern, such as the heartbeat of a running system, is printed once.
    asio::awaitable<void> tell_led() {
        LedWatch watch(machine_);
        std::string told;
        while (!quit_) {
            const auto reading = co_await watch.next(24h);
            if (!reading || quit_) continue;
            const auto has_length =
                reading->sign == led_decoder::Sign::lit || reading->sign == led_decoder::Sign::dark;
            const auto text = describe(*reading);
            if (text == told || has_length) continue;
            told = text;
            tell("LED: " + text);
        }
    }

    asio::awaitable<void> obey_keys() {
        asio::posix::stream_descriptor keyboard(co_await asio::this_coro::executor, ::dup(STDIN_FILENO));
        ConsoleKeys keys;
        for (std::array<char, 256> block{};;) {
            const auto [failed, count] =
                co_await keyboard.async_read_some(asio::buffer(block), asio::as_tuple(asio::use_awaitable));
            if (failed) co_return;
            for (const auto& part : keys.typed({block.data(), count})) {
                if (!part.to_console.empty())
                    if (const auto typed = machine_.console().type(part.to_console); !typed)
                        tell(typed.error().describe());
                if (!part.then) continue;
                if (part.then == BoardCommand::quit) co_return;
                const auto done = co_await obey(*part.then);
                if (!done) tell(done.error().describe());
            }
        }
    }

    Machine::Result obey(BoardCommand command) {
        switch (command) {
            case BoardCommand::short_press:
                tell("button: short press");
                return machine_.press_for(short_press);
            case BoardCommand::hold_or_let_go:
                tell(machine_.button_is_down() ? "button: let go" : "button: held down");
                return machine_.button_is_down() ? machine_.release() : machine_.press();
            case BoardCommand::power:
                return switch_power();
            case BoardCommand::reset:
                tell("reset");
                return machine_.reset();
            case BoardCommand::stick:
                return move_stick();
            case BoardCommand::card:
                return move_card();
            case BoardCommand::cable:
                tell(machine_.cable_is_plugged() ? "network cable: out" : "network cable: in");
                return machine_.cable_is_plugged() ? machine_.unplug_cable() : machine_.plug_cable();
            case BoardCommand::help:
            case BoardCommand::quit:
                break;
        }
        return help();
    }

    Machine::Result help() {
        tell(console_keys_help());
        co_return Expected<void>();
    }

    Machine::Result switch_power() {
        tell(machine_.has_power() ? "power: plug pulled" : "power: on");
        if (!machine_.has_power()) co_return co_await machine_.power_on();
        machine_.pull_plug();
        co_return Expected<void>();
    }

    Machine::Result move_stick() {
        if (machine_.has_stick(stick_name)) {
            tell("USB stick: out");
            co_return co_await machine_.pull_stick(stick_name);
        }
        if (!media_.stick) co_return fail(ErrorKind::internal, "no stick is available");
        tell("USB stick: in");
        co_return co_await machine_.insert_stick(stick_name, *media_.stick);
    }

    Machine::Result move_card() {
        if (machine_.has_card()) {
            tell("SD card: out");
            co_return co_await machine_.pull_card();
        }
        if (!media_.card) co_return fail(ErrorKind::internal, "no card is available");
        tell("SD card: in");
        co_return co_await machine_.insert_card(*media_.card);
    }

    Machine& machine_;
    AvailableMedia media_;
    bool quit_ = false;
};

}  // namespace

asio::awaitable<Expected<void>> use_board(Machine& machine, AvailableMedia media) {
    auto terminal = led_decoder::RawTerminal::open(led_decoder::ControlKeys::typed);
    if (!terminal) co_return pass_on(terminal);
    const auto session = std::make_shared<Session>(machine, std::move(media));
    co_await session->run();
    terminal->restore();
    show("\n");
    co_return Expected<void>();
}

}  // namespace mox::virtual_mox
