#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "async/event.hpp"
#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::virtual_mox {

/// Where a text was found on the console.
struct ConsoleMatch {
    std::string before;    ///< what came between the match before this one and this one
    Clock::time_point at;  ///< when the last byte of it arrived
};

/// The serial console: everything the board has written since it was first powered on (the newest 8 MiB), and
/// what is typed. It goes on over power cycles. Positions count bytes from the first one ever.
class Console {
public:
    using Position = std::uint64_t;

    /// Waits until `wanted` is written, and reads on behind it: a script. Looks first at what is there
    /// already and was not read by an earlier `expect`.
    /// Errors (`internal`): not within `patience`; shows the last lines.
    [[nodiscard]] boost::asio::awaitable<Expected<ConsoleMatch>> expect(std::string wanted,
                                                                        Clock::duration patience);

    /// `expect` from here on takes only what is still to come.
    void skip_to_end() { read_ = end(); }

    /// Types. Errors (`internal`): the board has no power.
    [[nodiscard]] Expected<void> type(std::string_view keys);

    /// What is kept of the text. A view until the board writes again.
    [[nodiscard]] std::string_view text() const { return text_; }

    /// Position of the first byte of `text()`, and of the next byte to come.
    [[nodiscard]] Position begin() const { return first_; }
    [[nodiscard]] Position end() const { return first_ + text_.size(); }

    /// What is kept from `position` on: for viewers with a position of their own. A view as `text()` is.
    [[nodiscard]] std::string_view text_from(Position position) const;

    /// Waits until there is text behind `position`: true. False when `deadline` came first.
    [[nodiscard]] boost::asio::awaitable<bool> reaches(Position position, Clock::time_point deadline);

    /// The last lines, for messages.
    [[nodiscard]] std::string last_lines() const;

    // For the machine that the console belongs to.
    using Typewriter = std::function<Expected<void>(std::string_view)>;
    void arrived(std::string_view bytes, Clock::time_point at);
    void connect(Typewriter typewriter) { typewriter_ = std::move(typewriter); }

private:
    struct Arrival {
        Position end = 0;
        Clock::time_point at;
    };
    [[nodiscard]] Clock::time_point arrival_of(Position last_byte) const;

    std::string text_;
    Position first_ = 0;
    Position read_ = 0;  ///< by `expect`
    std::deque<Arrival> arrivals_;
    async::Event bell_;
    Typewriter typewriter_;
};

}  // namespace mox::virtual_mox
