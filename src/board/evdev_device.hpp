#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "board/button_event.hpp"

struct libevdev;

namespace mox::board {

/// Who else gets a button's events.
enum class Claim {
    shared,  ///< everybody who reads the device
    /// We alone (EVIOCGRAB). Only a button that is part of the board is taken so: a keyboard in a USB port
    /// has other keys too, and they are somebody's.
    exclusive,
};

/// One input device that has a key we want, read through libevdev.
class EvdevDevice {
public:
    /// Opens `node`. Nothing when it has none of `keys`, or may not be taken as `claim` says.
    /// Errors (`internal`): it cannot be opened, or is no input device.
    [[nodiscard]] static Expected<std::unique_ptr<EvdevDevice>> open(const std::filesystem::path& node,
                                                                     std::span<const unsigned> keys,
                                                                     Claim claim);

    /// How well it suits, less is better; see EvdevSource.
    [[nodiscard]] std::pair<bool, std::size_t> rank() const { return {!part_of_board_, key_position_}; }

    /// For people: "gpio-keys (/dev/input/event0, KEY_RESTART)".
    [[nodiscard]] std::string describe() const;

    /// From now on nobody else gets its events, until it is closed.
    /// Errors (`internal`): somebody else has taken it so already; then the events are theirs, not ours.
    [[nodiscard]] Expected<void> grab();

    /// State of the key after all events that were taken.
    [[nodiscard]] bool is_down() const;

    struct Nothing {};  ///< no event is waiting
    struct Gone {};     ///< the device was unplugged
    /// Takes events until the key changed, without waiting.
    [[nodiscard]] std::variant<ButtonEvent, Nothing, Gone> take_edge();

    /// To wait until there is something to read; owned by this.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    struct Free {
        void operator()(libevdev* device) const;
    };
    using Handle = std::unique_ptr<libevdev, Free>;

    EvdevDevice(UniqueFd fd, Handle handle, std::filesystem::path node);

    [[nodiscard]] bool hung_up() const;

    UniqueFd fd_;
    Handle handle_;  ///< closes nothing
    std::filesystem::path node_;
    unsigned key_ = 0;
    std::size_t key_position_ = 0;
    bool part_of_board_ = false;
    bool resynchronising_ = false;
};

}  // namespace mox::board
