#include "virtual_mox/led_watch.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;
using led_decoder::Reading;
using led_decoder::Sign;

LedWatch::LedWatch(Machine& machine)
    : machine_(machine), position_(machine.led_edges().end()), reader_(machine.board_clock()) {
    if (machine.led_is_lit())
        static_cast<void>(reader_.changed(true, machine.board_clock()));  // there is no reading yet
}

asio::awaitable<Expected<Reading>> LedWatch::next(Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    auto& edges = machine_.led_edges();
    while (untold_.empty()) {
        const auto now = Clock::now();
        const auto due = reader_.next_due();
        std::vector<Reading> readings;
        if (co_await edges.reaches(position_,
                                   std::min(due ? machine_.not_before(*due) : deadline, deadline))) {
            const auto& edge = edges[position_++];
            readings = reader_.changed(edge.lit, edge.board_clock);
        } else if (now >= deadline) {
            co_return too_late("anything", timeout);
        } else {
            readings = reader_.waited(machine_.board_clock());
        }
        untold_.insert(untold_.end(), readings.begin(), readings.end());
    }
    auto reading = untold_.front();
    untold_.pop_front();
    seen_.push_back(reading);
    co_return reading;
}

asio::awaitable<Expected<Reading>> LedWatch::until(Sign sign, Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    for (;;) {
        const auto reading = co_await next(deadline - Clock::now());
        if (!reading) co_return too_late(describe(Reading{.sign = sign, .from = {}, .until = {}}), timeout);
        if (reading->sign == sign) co_return *reading;
    }
}

std::string LedWatch::seen_text() const {
    return seen_.empty() ? "nothing" : joined(seen_, ", ", [](const auto& one) { return describe(one); });
}

std::unexpected<Error> LedWatch::too_late(const std::string& wanted, Clock::duration timeout) const {
    return fail(ErrorKind::internal, "the LED did not show " + wanted + " within " + to_text(timeout) +
                                         " (it is " + (machine_.led_is_lit() ? "lit" : "dark") +
                                         "; seen so far: " + seen_text() + "). The console's last lines:\n" +
                                         machine_.console().last_lines());
}

std::string describe(const Reading& reading) {
    const auto length = to_text(std::chrono::nanoseconds(reading.until - reading.from));
    const auto count = std::to_string(reading.blinks);
    switch (reading.sign) {
        case Sign::dark:
            return "dark " + length;
        case Sign::lit:
            return "lit " + length;
        case Sign::announcement:
            return "announces " + count;
        case Sign::interrupted:
            return "broken off after " + count;
        case Sign::slow_blinking:
            return "slow blinking";
        case Sign::error_code:
            return "error " + count;
    }
    return "?";
}

}  // namespace mox::virtual_mox
