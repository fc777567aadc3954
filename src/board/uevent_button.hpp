#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/uevent.hpp"
#include "board/button_source.hpp"

namespace mox::board {

/// What OpenWrt's driver gpio-button-hotplug calls a key: "reset" for KEY_RESTART, "BTN_0" for BTN_0.
/// Empty: a key that no board of ours has.
[[nodiscard]] std::string_view uevent_name(unsigned key);

/// The presses that uevents tell of, with their times. Pure.
///
/// A uevent has no time of its own, only whole seconds since the event before it (SEEN). The time is the one
/// at which it was received; when that makes a press shorter than SEEN, or than a contact that was debounced
/// can be pressed, the receiver was late and the press is made as long.
class UeventPresses {
public:
    /// Another uevent of the button, received at `at`.
    void add(const Uevent& event, Clock::time_point at);
    /// Uevents were lost: the state of the button is not known.
    void lose_track();

    /// The next thing that has happened.
    [[nodiscard]] ButtonSource::Taken take();
    /// After all events that were taken.
    [[nodiscard]] bool is_down() const { return taken_down_; }

private:
    void add_press(Clock::time_point at);
    void add_release(Clock::time_point at, Clock::duration held_at_least);

    std::vector<ButtonSource::Taken> waiting_;
    std::optional<Clock::time_point> pressed_at_;  ///< set while the button is down
    bool taken_down_ = false;
};

/// The button of a system whose kernel gives it to OpenWrt's driver gpio-button-hotplug, as Turris OS does:
/// there is no input device then, only uevents of the subsystem "button" (BUTTON=reset, ACTION=pressed or
/// released). A hold that began before this was opened is not seen.
class UeventButton final : public ButtonSource {
public:
    /// `keys`: codes of linux/input-event-codes.h. Errors (`internal`): as UeventSocket::open().
    [[nodiscard]] static Expected<UeventButton> open(const std::vector<unsigned>& keys);

    [[nodiscard]] Taken take() override;
    [[nodiscard]] bool is_down() const override { return presses_.is_down(); }
    [[nodiscard]] int fd() const override { return socket_.fd(); }

private:
    UeventButton(UeventSocket socket, std::vector<std::string> names)
        : socket_(std::move(socket)), names_(std::move(names)) {}

    void receive_all();

    UeventSocket socket_;
    std::vector<std::string> names_;
    UeventPresses presses_;
};

}  // namespace mox::board
