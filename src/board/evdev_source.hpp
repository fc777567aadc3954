#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/log.hpp"
#include "board/button_source.hpp"
#include "board/evdev_device.hpp"

namespace mox::board {

class FolderWatch;

/// A button of the kernel's input subsystem (Documentation/input), found by its key code. It does not wait:
/// that is up to its owner's event loop.
///
/// Among the devices that have one of the keys, one that is part of the board (BUS_HOST, as gpio-keys is) is
/// preferred to a keyboard in a USB port, then the earlier key of the list, then the lower device number.
/// A device that is not there yet is waited for; one that goes away is looked for again.
/// Times are the kernel's own, so that a press that waited in the queue is not judged late.
class EvdevSource final : public ButtonSource {
public:
    /// `keys`: codes of linux/input-event-codes.h, best first. `folder`: "/dev/input"; it need not exist yet.
    /// Looks for the device at once; what it finds is logged. `log` outlives this.
    EvdevSource(std::vector<unsigned> keys, std::filesystem::path folder, Claim claim, Log& log);
    ~EvdevSource() override;
    EvdevSource(const EvdevSource&) = delete;
    EvdevSource& operator=(const EvdevSource&) = delete;

    [[nodiscard]] bool has_device() const { return device_ != nullptr; }

    [[nodiscard]] bool is_down() const override;

    /// A device that has appeared is picked up here; if it is held already, that is an event.
    [[nodiscard]] Taken take() override;

    [[nodiscard]] int fd() const override;

private:
    void look_for_device();
    [[nodiscard]] bool something_appeared() const;
    [[nodiscard]] Lost forget_device();

    std::vector<unsigned> keys_;
    std::filesystem::path folder_;
    Claim claim_;
    Log& log_;
    std::unique_ptr<FolderWatch> watch_;   ///< only while there is no device
    std::unique_ptr<EvdevDevice> device_;  ///< null: none (yet)
    bool found_held_ = false;              ///< still to be told
};

}  // namespace mox::board
