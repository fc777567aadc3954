#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "board/button.hpp"
#include "support/fake_clock.hpp"

namespace mox::test_support {

struct ScriptedEdge {
    std::chrono::milliseconds at{};  ///< since FakeClock::start()
    board::ButtonEdge edge = board::ButtonEdge::pressed;
};

/// A press that lasts 150 ms, as people press.
inline std::vector<ScriptedEdge> press_at(std::chrono::milliseconds at) {
    return {{at, board::ButtonEdge::pressed},
            {at + std::chrono::milliseconds(150), board::ButtonEdge::released}};
}

inline std::vector<ScriptedEdge> presses_at(const std::vector<std::chrono::milliseconds>& instants) {
    std::vector<ScriptedEdge> script;
    for (const auto at : instants)
        for (const auto& edge : press_at(at)) script.push_back(edge);
    return script;
}

/// A button that is pressed as a script says. Waiting for it moves FakeClock: to the next edge of the script,
/// or to the deadline, whichever comes first. Where nothing more can happen it really waits.
class FakeButton final : public board::Button {
public:
    explicit FakeButton(std::vector<ScriptedEdge> script = {}, bool down = false)
        : script_(script.begin(), script.end()), down_(down) {}

    [[nodiscard]] bool is_down() override { return down_; }

    [[nodiscard]] boost::asio::awaitable<std::optional<board::ButtonEvent>> edge_before(
        Clock::time_point deadline) override {
        for (;;) {
            if (!now_.empty()) co_return take(now_, FakeClock::now());
            if (!frozen_ && stops_at_ && stops_before(deadline)) {
                FakeClock::move_to(*std::exchange(stops_at_, std::nullopt));
                frozen_ = true;
            }
            const bool moving = !frozen_;
            if (moving && !script_.empty() && FakeClock::start() + script_.front().at <= deadline)
                co_return take(script_, FakeClock::start() + script_.front().at);
            if (moving && deadline != Clock::time_point::max()) {
                FakeClock::move_to(deadline);
                co_return std::nullopt;
            }
            // Of the coroutine, not of the button: it must go before the event loop does.
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                            Clock::time_point::max());
            const Waiting waiting(wake_, timer);
            co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
    }

    /// While the time stands still the script waits, and only `push` is felt.
    void let_time_stand_still(bool still) { frozen_ = still; }

    /// At `at` the time stands still by itself.
    void let_time_stand_still_at(Clock::time_point at) { stops_at_ = at; }

    /// An edge right now.
    void push(board::ButtonEdge edge) {
        now_.push_back({FakeClock::since_start(), edge});
        if (wake_) wake_->cancel();
    }

    /// Whether everything that was pushed has been noticed by the program.
    [[nodiscard]] bool all_pushes_taken() const { return now_.empty(); }
    [[nodiscard]] bool script_is_over() const { return script_.empty(); }

private:
    /// Shows a timer to `push` for as long as somebody waits for it.
    class Waiting {
    public:
        Waiting(boost::asio::steady_timer*& place, boost::asio::steady_timer& timer) : place_(place) {
            place_ = &timer;
        }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting() { place_ = nullptr; }

    private:
        boost::asio::steady_timer*& place_;
    };

    [[nodiscard]] bool stops_before(Clock::time_point deadline) const {
        const auto next = script_.empty() ? deadline : FakeClock::start() + script_.front().at;
        return *stops_at_ <= std::min(deadline, next);
    }

    board::ButtonEvent take(std::deque<ScriptedEdge>& from, Clock::time_point at) {
        FakeClock::move_to(at);
        const auto edge = from.front().edge;
        from.pop_front();
        down_ = edge != board::ButtonEdge::released;
        return {edge, at};
    }

    std::deque<ScriptedEdge> script_;
    std::deque<ScriptedEdge> now_;
    bool down_;
    bool frozen_ = false;
    std::optional<Clock::time_point> stops_at_;
    boost::asio::steady_timer* wake_ = nullptr;  ///< of the coroutine that waits, if one does
};

}  // namespace mox::test_support
