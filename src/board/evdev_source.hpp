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

/// Which processes get a button's events.
enum class Claim {
    shared,  ///< all that read the device
    /// Only this process (EVIOCGRAB). This is for a button that is part of the board: other programs may need
    /// the keys of a keyboard in a USB port.
    exclusive,
};

/// An input device that has one of the keys, read through libevdev.
class EvdevDevice {
public:
    /// Opens `node`. Returns null when it has none of `keys`, or when `claim` excludes it. Errors
    /// (`internal`): it cannot be opened, or is not an input device.
    [[nodiscard]] static Expected<std::unique_ptr<EvdevDevice>> open(const std::filesystem::path& node,
                                                                     std::span<const unsigned> keys,
                                                                     Claim claim);

    /// The order of preference, less is better; see EvdevSource.
    [[nodiscard]] std::pair<bool, std::size_t> rank() const { return {!part_of_board_, key_position_}; }

    /// For messages: "gpio-keys (/dev/input/event0, KEY_RESTART)".
    [[nodiscard]] std::string describe() const;

    /// From now on no other process gets its events, until it is closed. Errors (`internal`): another process
    /// has grabbed it; this one then gets no events.
    [[nodiscard]] Expected<void> grab();

    /// The state of the key after all events that were taken.
    [[nodiscard]] bool is_down() const;

    struct Nothing {};  ///< no event is waiting
    struct Gone {};     ///< the device was unplugged
    /// Takes events up to the next change of the key, without waiting.
    [[nodiscard]] std::variant<ButtonEvent, Nothing, Gone> take_edge();

    /// Becomes readable when there is an event; owned by this object.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    struct Free {
        void operator()(libevdev* device) const;
    };
    using Handle = std::unique_ptr<libevdev, Free>;

    EvdevDevice(UniqueFd fd, Handle handle, std::filesystem::path node);

    [[nodiscard]] bool hung_up() const;

    UniqueFd fd_;
    Handle handle_;  ///< does not close `fd_`
    std::filesystem::path node_;
    unsigned key_ = 0;
    std::size_t key_position_ = 0;
    bool part_of_board_ = false;
    bool resynchronising_ = false;
};

class DirectoryWatch;

/// A button of the kernel's input subsystem (Documentation/input), found by its key code. It does not wait;
/// the owner's event loop does.
///
/// Among the devices that have one of the keys, one that is part of the board (BUS_HOST, as gpio-keys is) is
/// preferred to a keyboard in a USB port, then the earlier key of the list, then the lower device number.
/// When no device exists yet, or when it disappears, a new one is used as soon as it appears. Events have the
/// kernel's times, so that the time in the queue does not count.
class EvdevSource final : public ButtonSource {
public:
    /// `keys`: codes of linux/input-event-codes.h, best first. `directory`: "/dev/input"; it need not exist
    /// yet. Looks for the device at once, and logs the result. `log` outlives this object.
    EvdevSource(std::vector<unsigned> keys, std::filesystem::path directory, Claim claim, Log& log);
    ~EvdevSource() override;
    EvdevSource(const EvdevSource&) = delete;
    EvdevSource& operator=(const EvdevSource&) = delete;

    [[nodiscard]] bool has_device() const { return device_ != nullptr; }

    [[nodiscard]] bool is_down() const override;

    /// Also opens a device that has appeared; if its button is already held, that is an event.
    [[nodiscard]] Taken take() override;

    [[nodiscard]] int fd() const override;

private:
    void look_for_device();
    [[nodiscard]] bool something_appeared() const;
    [[nodiscard]] Lost forget_device();

    std::vector<unsigned> keys_;
    std::filesystem::path directory_;
    Claim claim_;
    Log& log_;
    std::unique_ptr<DirectoryWatch> watch_;  ///< only while there is no device
    std::unique_ptr<EvdevDevice> device_;    ///< null: none (yet)
    bool found_held_ = false;                ///< the event for it is not taken yet
};

/// Watches a directory for new entries (inotify). While the directory does not exist, its nearest existing
/// ancestor is watched.
class DirectoryWatch {
public:
    /// Errors (`internal`): the kernel has no inotify or no more watches.
    [[nodiscard]] static Expected<DirectoryWatch> on(const std::filesystem::path& directory);

    /// Becomes readable with the first change. The caller then checks the directory and makes a new watch.
    /// Owned by this object.
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit DirectoryWatch(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace mox::board
