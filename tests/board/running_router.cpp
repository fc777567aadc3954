#include "board/running_router.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>

namespace mox::board_test {

void RunningRouter::assemble_router() {
    exact_time = true;
    assemble_in_system();
    put_in_card_with_demo_system();
}

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
    auto& resets = board().resets();
    const auto next = resets.end();
    must(co_await board().press_for(held));
    if (!co_await resets.reaches(next, Clock::now() + boot_patience))
        throw std::runtime_error("the board was not reset");
    auto& edges = board().button_edges();
    co_return resets[next].board_time - edges[edges.end() - 1].board_time;
}

bool RunningRouter::was_reset_since(virtual_mox::BoardEventHistory::Position since) {
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
