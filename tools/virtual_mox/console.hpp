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

/// A match on the console.
struct ConsoleMatch {
    std::string before;    ///< the text between the match before and this one
    Clock::time_point at;  ///< when the last byte of it arrived
};

/// The serial console: the output of the board since its first power-on (the newest 8 MiB), and its input. It
/// goes on over power cycles. Positions count bytes from the first one.
class Console {
public:
    using Position = std::uint64_t;

    /// Waits until `wanted` is written, for scripts. The search begins behind the match of the `expect`
    /// before. Errors (`internal`): not within `timeout`; with the last lines.
    [[nodiscard]] boost::asio::awaitable<Expected<ConsoleMatch>> expect(std::string wanted,
                                                                        Clock::duration timeout);

    /// From now on `expect` matches new text only.
    void skip_to_end() { read_ = end(); }

    /// Types `text`. Errors (`internal`): the board has no power.
    [[nodiscard]] Expected<void> type(std::string_view keys);

    /// The kept text. The view is valid until the board writes again.
    [[nodiscard]] std::string_view text() const { return text_; }

    /// Position of the first byte of `text()`, and of the next byte to come.
    [[nodiscard]] Position begin() const { return first_; }
    [[nodiscard]] Position end() const { return first_ + text_.size(); }

    /// The kept text from `position` on, for readers with their own position. A view as `text()`.
    [[nodiscard]] std::string_view text_from(Position position) const;

    /// Waits until there is text behind `position`. Returns false when `deadline` comes first.
    [[nodiscard]] boost::asio::awaitable<bool> reaches(Position position, Clock::time_point deadline);

    /// The last lines, for messages.
    [[nodiscard]] std::string last_lines() const;

    // For the machine that the console belongs to.
    using TypeFunction = std::function<Expected<void>(std::string_view)>;
    void arrived(std::string_view bytes, Clock::time_point at);
    void connect(TypeFunction type) { type_ = std::move(type); }

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
    async::Event changed_;
    TypeFunction type_;
};

}  // namespace mox::virtual_mox
