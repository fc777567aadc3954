struct libevdev;

#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "board/button_source.hpp"

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

/// Notices new entries of a folder (inotify). While the folder does not exist its nearest existing ancestor
/// is watched for it.
class FolderWatch {
public:
    /// Errors (`internal`): the kernel has no inotify or no more watches.
    [[nodiscard]] static Expected<FolderWatch> on(const std::filesystem::path& folder);

    /// Becomes readable with the first change. Then look, and watch anew. Owned by this.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit FolderWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace mox::board
