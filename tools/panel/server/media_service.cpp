#include "panel/server/media_service.hpp"

#include <system_error>
#include <utility>

#include "async/run_on_thread.hpp"

namespace mox::virtual_mox::panel {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Result = MediaService::Result;
using nlohmann::json;

namespace {

constexpr auto kind = ErrorKind::internal;

/// A medium that could not be made leaves the slot without one: nothing is put in in its stead.
void finish(SlotState& slot, const Expected<void>& made, std::string_view content) {
    slot.making = false;
    slot.content = made ? std::string(content) : "";
    slot.failure = made ? "" : made.error().describe();
}

}  // namespace

Result MediaService::make_card(MakeCard action) {
    if (view_.state().power)
        co_return fail(kind, "pull the plug first: a new card is for a router without power");
    if (view_.state().card.making) co_return fail(kind, "a card is being made already");
    view_.change([](BoardState& state) { state.card.making = true; });
    const auto make = [this, action] { return builder_.make_card(action.content); };
    auto made = co_await async::run_on_thread(make);
    view_.change([&](BoardState& state) {
        finish(state.card, made, description_of(action.content));
        state.look.reset();
    });
    if (!made) {
        // The old card is not used in its stead.
        if (auto out = co_await controller_.move_card(false); !out) co_return out;
        co_return made;
    }
    if (auto put_in = co_await controller_.move_card(true); !put_in) co_return put_in;
    co_return co_await look_at_card();
}

Result MediaService::make_stick(MakeStick action) {
    if (view_.state().stick.in) co_return fail(kind, "pull the stick first");
    if (view_.state().stick.making) co_return fail(kind, "a stick is being made already");
    if (action.content == StickContent::files && uploads_.files().empty())
        co_return fail(kind, "there are no files for it: upload some");
    view_.change([](BoardState& state) { state.stick.making = true; });
    const auto make = [this, action] {
        return builder_.make_stick(action.content, action.filesystem, uploads_.folder());
    };
    auto made = co_await async::run_on_thread(make);
    view_.change([&](BoardState& state) {
        finish(state.stick, made, description_of(action.content));
        if (made) state.stick_filesystem = action.filesystem;
    });
    co_return made;
}

Result MediaService::look_at_card() {
    const auto turn = co_await looking_.lock();
    auto seen = co_await look();
    view_.change([&](BoardState& state) { state.look = CardLook{Clock::now(), std::move(seen)}; });
    co_return Expected<void>();
}

asio::awaitable<Expected<CardContentSeen>> MediaService::look() {
    if (view_.state().card.content.empty()) co_return fail(kind, "there is no card yet: make one");
    const auto copy = co_await copy_card();
    if (!copy) co_return std::unexpected(copy.error());
    const auto look_at_copy = [&copy] {
        auto seen = panel::look_at_card(*copy);
        std::error_code ignored;  // the next copy replaces it
        fs::remove(*copy, ignored);
        return seen;
    };
    co_return co_await async::run_on_thread(look_at_copy);
}

/// Meanwhile no process writes the image: the board is stopped or has no power, and this program does not.
asio::awaitable<Expected<fs::path>> MediaService::copy_card() {
    const auto turn = co_await controller_.turn();
    if (view_.state().card.making) co_return fail(kind, "the card is just being made");
    const bool running = machine_.has_power();
    if (running)
        if (auto stopped = co_await machine_.execute("stop", json()); !stopped) co_return pass_on(stopped);
    const auto work = [this] { return builder_.copy_card(); };
    auto copy = co_await async::run_on_thread(work);
    // The power may have been cut meanwhile; the copy is valid anyway.
    if (running && machine_.has_power())
        if (auto going = co_await machine_.execute("cont", json()); !going) co_return pass_on(going);
    co_return copy;
}

}  // namespace mox::virtual_mox::panel
