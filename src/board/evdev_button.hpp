#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "board/button.hpp"

namespace mox::board {

class EvdevDevice;
class FolderWatch;

/// A button of the kernel's input subsystem (Documentation/input), found by its key code.
///
/// Among the devices that have one of the keys, one that is part of the board (BUS_HOST, as gpio-keys is) is
/// preferred to a keyboard in a USB port, then the earlier key of the list, then the lower device number.
/// A device that is not there yet is waited for; one that goes away counts as released and is looked for
/// again. Times are the kernel's own, so that a press that waited in the queue is not judged late.
class EvdevButton final : public Button {
public:
    /// `keys`: codes of linux/input-event-codes.h, best first. `folder`: "/dev/input"; it need not exist yet.
    /// Looks for the device at once; what it finds, or that it finds nothing, is logged.
    /// `log` outlives the button.
    EvdevButton(const boost::asio::any_io_executor& executor, std::vector<unsigned> keys,
                std::filesystem::path folder, Log& log);
    ~EvdevButton() override;
    EvdevButton(const EvdevButton&) = delete;
    EvdevButton& operator=(const EvdevButton&) = delete;

    [[nodiscard]] bool is_down() override;
    [[nodiscard]] boost::asio::awaitable<std::optional<ButtonEvent>> edge_before(
        Clock::time_point deadline) override;

private:
    [[nodiscard]] std::optional<ButtonEvent> take_edge();
    void look_for_device();
    [[nodiscard]] std::optional<ButtonEvent> forget_device();
    [[nodiscard]] boost::asio::awaitable<void> something_happens(Clock::time_point deadline);

    boost::asio::any_io_executor executor_;
    std::vector<unsigned> keys_;
    std::filesystem::path folder_;
    Log& log_;
    std::unique_ptr<FolderWatch> watch_;   ///< only while there is no device
    std::unique_ptr<EvdevDevice> device_;  ///< null: none (yet)
};

}  // namespace mox::board
