#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "led_decoder/led_reader.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::virtual_mox {

/// Somebody who looks at the LED from now on, and reads it: announcements, slow blinking, error codes.
class LedWatch {
public:
    explicit LedWatch(Machine& machine);

    /// The next thing that can be told. Errors (`internal`): nothing within `patience`.
    [[nodiscard]] boost::asio::awaitable<Expected<led_decoder::Reading>> next(Clock::duration patience);

    /// Reads on until the LED shows `sign`, and answers that reading; what comes before is in `seen()`.
    /// Errors (`internal`): not within `patience`; says what was seen instead.
    [[nodiscard]] boost::asio::awaitable<Expected<led_decoder::Reading>> until(led_decoder::Sign sign,
                                                                               Clock::duration patience);

    /// All readings so far, oldest first.
    [[nodiscard]] const std::vector<led_decoder::Reading>& seen() const { return seen_; }

    /// "dark 0.9 s, lit 1.0 s, announces 1, ..." for messages.
    [[nodiscard]] std::string story() const;

private:
    [[nodiscard]] std::unexpected<Error> too_late(const std::string& wanted, Clock::duration patience) const;

    Machine& machine_;
    LedHistory::Position position_;
    led_decoder::LedReader reader_;
    std::deque<led_decoder::Reading> untold_;
    std::vector<led_decoder::Reading> seen_;
};

/// "announces 3", "lit 1.0 s".
[[nodiscard]] std::string describe(const led_decoder::Reading& reading);

}  // namespace mox::virtual_mox
