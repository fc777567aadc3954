#include "board/running_router.hpp"

#include <charconv>
#include <utility>

namespace mox::board_test {

Play RunningRouter::runs() {
    console().skip_to_end();
    must(co_await board().power_on());
    co_await sees("mox login:");
    co_await logs_in();
}

Play RunningRouter::runs_again() {
    co_await sees("mox login:");
    co_await logs_in();
}

asio::awaitable<Clock::duration> RunningRouter::press_resets(Clock::duration held) {
    const auto since = board().events().end();
    must(co_await board().press_for(held));
    const auto reset = must(co_await board().event("RESET", since, 60s));
    auto& edges = board().button_edges();
    co_return reset.at - edges[edges.end() - 1].at;
}

asio::awaitable<int> RunningRouter::press_until_seen(Clock::duration held, std::string sign) {
    for (int times = 1; times < 3; ++times) {
        must(co_await board().press_for(held));
        const auto seen = co_await console().expect(sign, 3s);
        if (seen) co_return times;
    }
    must(co_await board().press_for(held));
    co_await sees(sign, 10s);
    co_return 3;
}

bool RunningRouter::was_reset_since(virtual_mox::EventJournal::Position since) {
    for (auto at = since; at < board().events().end(); ++at)
        if (board().events()[at].name == "RESET") return true;
    return false;
}

asio::awaitable<std::string> RunningRouter::last_notes() {
    auto notes = co_await says("tail -n 2 /var/lib/keeper/journal | cut -d' ' -f3 | tr '\\n' ' '");
    notes.resize(notes.find_last_not_of(" \r\n") + 1);
    co_return notes;
}

asio::awaitable<long> RunningRouter::number(std::string command) {
    const auto text = co_await says(std::move(command));
    long value = -1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    co_return value;
}

Play RunningRouter::configure(std::string lines) {
    static_cast<void>(co_await says("printf '" + lines + "' >/etc/mox-button.conf; sync"));
    must(console().type("kill $(pidof mox-button); /etc/services/20-mox-button start\r"));
    co_await sees("event=start");
    co_await sees("button=found");
}

}  // namespace mox::board_test
