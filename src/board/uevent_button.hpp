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

/// The name of a key in OpenWrt's driver gpio-button-hotplug: "reset" for KEY_RESTART, "BTN_0" for BTN_0.
/// Empty: a key that no supported board has.
[[nodiscard]] std::string_view uevent_name(unsigned key);

/// Turns the uevents of a button into presses with times. Pure.
///
/// A uevent has no time of its own, only whole seconds since the event before it (SEEN). So the time of
/// reception is used. If that makes a press shorter than SEEN or than the debounce time, the reception was
/// late, and the press gets that length.
class UeventPresses {
public:
    /// Adds a uevent of the button, received at `at`.
    void add(const Uevent& event, Clock::time_point at);
    /// Uevents are lost: the state of the button is not known.
    void lose_track();

    /// The next event.
    [[nodiscard]] ButtonSource::Taken take();
    /// The state after all events that were taken.
    [[nodiscard]] bool is_down() const { return taken_down_; }

private:
    void add_press(Clock::time_point at);
    void add_release(Clock::time_point at, Clock::duration held_at_least);

    std::vector<ButtonSource::Taken> waiting_;
    std::optional<Clock::time_point> pressed_at_;  ///< set while the button is down
    bool taken_down_ = false;
};

/// The button of a system with OpenWrt's driver gpio-button-hotplug, such as Turris OS: it has no input
/// device, only uevents of the subsystem "button" (BUTTON=reset, ACTION=pressed or released). A hold that
/// began before open() is not seen.
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
