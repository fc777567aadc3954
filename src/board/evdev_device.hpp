#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "board/button.hpp"

struct libevdev;

namespace mox::board {

/// One input device that has a key we want, read through libevdev.
class EvdevDevice {
public:
    /// Opens `node`. Nothing when it has none of `keys`. Errors (`internal`): it cannot be opened, or is no
    /// input device.
    [[nodiscard]] static Expected<std::unique_ptr<EvdevDevice>> open(
        const boost::asio::any_io_executor& executor, const std::filesystem::path& node,
        std::span<const unsigned> keys);

    /// How well it suits, less is better; see EvdevButton.
    [[nodiscard]] std::pair<bool, std::size_t> rank() const { return {!part_of_board_, key_position_}; }

    /// For people: "gpio-keys (/dev/input/event0, KEY_RESTART)".
    [[nodiscard]] std::string describe() const;

    /// State of the key after all events that were taken.
    [[nodiscard]] bool is_down() const;

    struct Nothing {};  ///< no event is waiting
    struct Gone {};     ///< the device was unplugged
    /// Takes events until the key changed, without waiting.
    [[nodiscard]] std::variant<ButtonEvent, Nothing, Gone> take_edge();

    /// To wait until there is something to read.
    [[nodiscard]] boost::asio::posix::stream_descriptor& descriptor() { return descriptor_; }

private:
    struct Free {
        void operator()(libevdev* device) const;
    };
    using Handle = std::unique_ptr<libevdev, Free>;

    EvdevDevice(boost::asio::posix::stream_descriptor descriptor, Handle handle, std::filesystem::path node);

    [[nodiscard]] bool hung_up() const;

    boost::asio::posix::stream_descriptor descriptor_;
    Handle handle_;
    std::filesystem::path node_;
    unsigned key_ = 0;
    std::size_t key_position_ = 0;
    bool part_of_board_ = false;
    bool resynchronising_ = false;
};

}  // namespace mox::board
