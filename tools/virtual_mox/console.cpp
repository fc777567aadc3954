#include "virtual_mox/console.hpp"

#include <algorithm>

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr std::size_t kept = 8 << 20;

}  // namespace

asio::awaitable<Expected<ConsoleMatch>> Console::expect(std::string wanted, Clock::duration timeout) {
    const auto deadline = Clock::now() + timeout;
    Position looked_until = read_;
    for (;;) {
        const auto unread = text_from(read_);
        const auto start = end() - unread.size();
        // The part that was searched already holds at most the beginning of it.
        const auto known = std::max(looked_until, start + wanted.size()) - start - wanted.size();
        const auto found = unread.find(wanted, static_cast<std::size_t>(known));
        looked_until = end();
        if (found != std::string_view::npos) {
            ConsoleMatch match;
            match.before = unread.substr(0, found);
            read_ = start + found + wanted.size();
            match.at = arrival_of(read_ - 1);
            co_return match;
        }
        if (Clock::now() >= deadline)
            co_return fail(kind, "the console did not show \"" + wanted + "\" within " + to_text(timeout) +
                                     ". Its last lines:\n" + last_lines());
        co_await changed_.notified_before(deadline);
    }
}

Expected<void> Console::type(std::string_view keys) {
    if (!type_) return fail(kind, "cannot type: the board has no power");
    return type_(keys);
}

std::string_view Console::text_from(Position position) const {
    const auto from = std::clamp(position, first_, end()) - first_;
    return std::string_view(text_).substr(static_cast<std::size_t>(from));
}

asio::awaitable<bool> Console::reaches(Position position, Clock::time_point deadline) {
    while (end() <= position && Clock::now() < deadline) co_await changed_.notified_before(deadline);
    co_return end() > position;
}

std::string Console::last_lines() const {
    constexpr std::size_t enough = 2000;
    return text_.size() > enough ? "..." + text_.substr(text_.size() - enough) : text_;
}

void Console::arrived(std::string_view bytes, Clock::time_point at) {
    text_ += bytes;
    if (text_.size() > 2 * kept) {
        const auto forgotten = text_.size() - kept;
        text_.erase(0, forgotten);
        first_ += forgotten;
        while (!arrivals_.empty() && arrivals_.front().end <= first_) arrivals_.pop_front();
    }
    arrivals_.push_back({end(), at});
    changed_.notify();
}

Clock::time_point Console::arrival_of(Position last_byte) const {
    const auto found = std::ranges::upper_bound(arrivals_, last_byte, {}, &Arrival::end);
    return found == arrivals_.end() ? Clock::time_point() : found->at;
}

}  // namespace mox::virtual_mox
