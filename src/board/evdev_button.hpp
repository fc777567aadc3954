#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "board/button.hpp"
#include "board/evdev_source.hpp"

namespace mox::board {

/// The button of the kernel's input subsystem (evdev_source.hpp) for a program with an event loop. Other
/// readers of the device get its events too. When the device disappears the button counts as released.
class EvdevButton final : public Button {
public:
    /// `keys`: codes of linux/input-event-codes.h, best first. `directory`: "/dev/input"; it need not exist
    /// yet. Looks for the device at once, and logs the result. `log` outlives the button.
    EvdevButton(const boost::asio::any_io_executor& executor, std::vector<unsigned> keys,
                const std::filesystem::path& directory, Log& log);

    [[nodiscard]] bool is_down() override;
    [[nodiscard]] boost::asio::awaitable<std::optional<ButtonEvent>> edge_before(
        Clock::time_point deadline) override;

private:
    [[nodiscard]] std::optional<ButtonEvent> take_edge();
    [[nodiscard]] boost::asio::awaitable<void> something_happens(Clock::time_point deadline);

    boost::asio::any_io_executor executor_;
    EvdevSource source_;
};

}  // namespace mox::board
