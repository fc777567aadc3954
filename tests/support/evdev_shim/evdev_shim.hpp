#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/units.hpp"

struct input_event;

namespace mox::test_support {

/// What an input device says about itself.
struct EvdevIdentity {
    std::string name = "gpio-keys";
    std::uint16_t bus = 0x19;  ///< BUS_HOST
    std::vector<unsigned> keys;
};

/// A key goes down or up.
struct KeyEdge {
    Clock::time_point at;
    bool down = false;
};

/// An input device for kernels without uinput: a FIFO named eventN that carries `struct input_event`, and the
/// answers to the ioctls of evdev, so that the real libevdev runs over it. An `ioctl` of its own
/// (evdev_shim.cpp, linked into a test program or into a program under test) gives the answers; any other
/// file is left to the kernel. What device it is stands in a file `.eventN.state` beside the FIFO, so that
/// the program that reads may be another process than the test that presses.
class FakeEvdevDevice {
public:
    /// Appears in `folder` as a kernel's node does: at once and ready for use.
    FakeEvdevDevice(const std::filesystem::path& folder, unsigned number, const EvdevIdentity& identity,
                    const std::set<unsigned>& keys_down = {});
    FakeEvdevDevice(const FakeEvdevDevice&) = delete;
    FakeEvdevDevice& operator=(const FakeEvdevDevice&) = delete;
    /// As if it were unplugged.
    ~FakeEvdevDevice();

    void press(unsigned key, Clock::time_point at = Clock::now()) { change_key(key, 1, at); }
    void release(unsigned key, Clock::time_point at = Clock::now()) { change_key(key, 0, at); }
    /// Many edges that the program finds waiting all at once, as when it was not scheduled for a while. At
    /// most 80, which a pipe takes in one piece.
    void play(unsigned key, const std::vector<KeyEdge>& edges);
    /// The kernel's autorepeat.
    void repeat(unsigned key) { change_key(key, 2, Clock::now()); }

    /// The kernel's queue overflows: events are lost, and `keys_down` are down in the end.
    void lose_events(const std::set<unsigned>& keys_down);

    /// The clock that the program has chosen for the events (EVIOCSCLOCKID).
    [[nodiscard]] int clock() const;

    /// Whether the program has taken the device for itself (EVIOCGRAB).
    [[nodiscard]] bool is_grabbed() const;
    /// Another program has; ours is told so.
    void be_grabbed_by_another();

private:
    void change_key(unsigned key, int value, Clock::time_point at);
    void note(unsigned key, bool down);
    void write_events(const std::vector<input_event>& events);

    std::filesystem::path node_;
    std::filesystem::path state_;
    int fifo_;
};

}  // namespace mox::test_support
