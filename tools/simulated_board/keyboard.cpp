#include "simulated_board/keyboard.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace mox::simulated_board {

namespace asio = boost::asio;

namespace {

void apply(KeyReader::Effect effect, BoardButton& button) {
    if (effect == KeyReader::Effect::press) button.press();
    if (effect == KeyReader::Effect::release) button.release();
}

/// The state of the pressed key; shared by the two coroutines below.
struct Finger {
    Finger(const asio::any_io_executor& executor, BoardButton& on) : button(on), release(executor) {}

    KeyReader keys;
    BoardButton& button;
    asio::steady_timer release;
};

asio::awaitable<void> lift(std::shared_ptr<Finger> finger) {
    for (;;) {
        finger->release.expires_at(finger->keys.release_due().value_or(Clock::time_point::max()));
        co_await finger->release.async_wait(asio::as_tuple(asio::use_awaitable));
        apply(finger->keys.waited(Clock::now()), finger->button);
    }
}

}  // namespace

KeyReader::Effect KeyReader::typed(char key, Clock::time_point at) {
    if (key == hold_or_let_go) {
        // A short press that is still active becomes a hold.
        const bool was_held = down_ && !release_due_;
        const bool was_down = down_;
        release_due_.reset();
        down_ = !was_held;
        if (was_held) return Effect::release;
        return was_down ? Effect::none : Effect::press;
    }
    if (key != short_press) return Effect::none;
    if (down_ && !release_due_) return Effect::none;
    release_due_ = at + key_length;
    if (down_) return Effect::none;
    down_ = true;
    return Effect::press;
}

KeyReader::Effect KeyReader::waited(Clock::time_point now) {
    if (!release_due_ || now < *release_due_) return Effect::none;
    release_due_.reset();
    down_ = false;
    return Effect::release;
}

asio::awaitable<void> press_by_keyboard(BoardButton& button) {
    const auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor keyboard(executor, ::dup(STDIN_FILENO));
    auto finger = std::make_shared<Finger>(executor, button);
    asio::co_spawn(executor, lift(finger), asio::detached);
    for (std::array<char, 64> keys{};;) {
        const auto [failed, count] =
            co_await keyboard.async_read_some(asio::buffer(keys), asio::as_tuple(asio::use_awaitable));
        if (failed) co_return;
        for (std::size_t i = 0; i < count; ++i) apply(finger->keys.typed(keys[i], Clock::now()), button);
        finger->release.cancel();
    }
}

}  // namespace mox::simulated_board
