#include "board/uevent_button.hpp"

#include <linux/input-event-codes.h>

#include <algorithm>
#include <chrono>
#include <variant>

namespace mox::board {

namespace {

/// The driver debounces (debounce-interval of the device tree, 60 ms on a MOX): it does not report shorter
/// presses.
constexpr Clock::duration shortest_press = std::chrono::milliseconds(60);

}  // namespace

std::string_view uevent_name(unsigned key) {
    if (key == KEY_RESTART) return "reset";
    if (key == BTN_0) return "BTN_0";
    return {};
}

void UeventPresses::add_press(Clock::time_point at) {
    pressed_at_ = at;
    waiting_.emplace_back(ButtonEvent{ButtonEdge::pressed, at});
}

void UeventPresses::add_release(Clock::time_point at, Clock::duration held_at_least) {
    if (!pressed_at_) return;  // the press was not seen
    if (at - *pressed_at_ < held_at_least) {
        // Corrects the start of a press that was not taken yet, otherwise its end.
        auto* press = waiting_.empty() ? nullptr : std::get_if<ButtonEvent>(&waiting_.back());
        if (press != nullptr && waiting_.size() == 1) press->at = at - held_at_least;
        at = std::max(at, (press == nullptr ? *pressed_at_ : press->at) + held_at_least);
    }
    pressed_at_.reset();
    waiting_.emplace_back(ButtonEvent{ButtonEdge::released, at});
}

void UeventPresses::add(const Uevent& event, Clock::time_point at) {
    if (event.action == "pressed") add_press(at);
    if (event.action == "released")
        add_release(at,
                    std::max<Clock::duration>(event.seen.value_or(std::chrono::seconds(0)), shortest_press));
}

void UeventPresses::lose_track() {
    if (!pressed_at_) return;
    pressed_at_.reset();
    waiting_.emplace_back(ButtonSource::Lost{.was_down = true});
}

ButtonSource::Taken UeventPresses::take() {
    if (waiting_.empty()) return ButtonSource::Nothing{};
    const auto next = waiting_.front();
    waiting_.erase(waiting_.begin());
    const auto* event = std::get_if<ButtonEvent>(&next);
    taken_down_ = event != nullptr && event->edge == ButtonEdge::pressed;
    return next;
}

Expected<UeventButton> UeventButton::open(const std::vector<unsigned>& keys) {
    auto socket = TRY(UeventSocket::open());
    // A router has many other events, which must not wake up this process.
    TRY(socket.accept_only({"pressed", "released"}));
    std::vector<std::string> names;
    for (const auto key : keys)
        if (const auto name = uevent_name(key); !name.empty()) names.emplace_back(name);
    return UeventButton(std::move(socket), std::move(names));
}

void UeventButton::receive_all() {
    std::string message;
    for (;;) {
        switch (socket_.receive(message)) {
            case UeventSocket::Reception::none:
                return;
            case UeventSocket::Reception::overflow:
                presses_.lose_track();
                break;
            case UeventSocket::Reception::message: {
                const auto event = parse_uevent(message);
                const bool ours = event && event->subsystem == "button" &&
                                  std::ranges::find(names_, event->button) != names_.end();
                if (ours) presses_.add(*event, Clock::now());
                break;
            }
        }
    }
}

ButtonSource::Taken UeventButton::take() {
    receive_all();
    return presses_.take();
}

}  // namespace mox::board
