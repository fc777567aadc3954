#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "led_decoder/led_reader.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox {

/// Reads the LED from now on: announcements, slow blinking, error codes.
class LedWatch {
public:
    explicit LedWatch(Machine& machine);

    /// The next reading. Errors (`internal`): none within `timeout`.
    [[nodiscard]] boost::asio::awaitable<Expected<led_decoder::Reading>> next(Clock::duration timeout);

    /// Reads until the LED shows `sign`, and returns that reading; earlier readings are in `seen()`. Errors
    /// (`internal`): not within `timeout`; with the readings that were seen.
    [[nodiscard]] boost::asio::awaitable<Expected<led_decoder::Reading>> until(led_decoder::Sign sign,
                                                                               Clock::duration timeout);

    /// All readings so far, oldest first.
    [[nodiscard]] const std::vector<led_decoder::Reading>& seen() const { return seen_; }

    /// "dark 0.9 s, lit 1.0 s, announces 1, ..." for messages.
    [[nodiscard]] std::string seen_text() const;

private:
    [[nodiscard]] std::unexpected<Error> too_late(const std::string& wanted, Clock::duration timeout) const;

    Machine& machine_;
    LedHistory::Position position_;
    led_decoder::LedReader reader_;
    std::deque<led_decoder::Reading> untold_;
    std::vector<led_decoder::Reading> seen_;
};

/// "announces 3", "lit 1.0 s".
[[nodiscard]] std::string describe(const led_decoder::Reading& reading);

}  // namespace mox::virtual_mox
