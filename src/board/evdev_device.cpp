#include "board/evdev_device.hpp"

#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <linux/input.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/file.hpp"

namespace mox::board {

namespace {

Clock::time_point time_of(const input_event& event) {
    const auto since_boot =
        std::chrono::seconds(event.input_event_sec) + std::chrono::microseconds(event.input_event_usec);
    // The clock of the events was set to the steady clock's; one from the future would stall the selection.
    return std::min(Clock::time_point(since_boot), Clock::now());
}

}  // namespace

void EvdevDevice::Free::operator()(libevdev* device) const {
    libevdev_free(device);
}

EvdevDevice::EvdevDevice(UniqueFd fd, Handle handle, std::filesystem::path node)
    : fd_(std::move(fd)), handle_(std::move(handle)), node_(std::move(node)) {}

Expected<std::unique_ptr<EvdevDevice>> EvdevDevice::open(const std::filesystem::path& node,
                                                         std::span<const unsigned> keys, Claim claim) {
    auto fd = TRY(open_file(node, O_RDONLY | O_NONBLOCK, ErrorKind::internal));
    libevdev* raw = nullptr;
    if (const int result = libevdev_new_from_fd(fd.get(), &raw); result < 0)
        return fail_errno(ErrorKind::internal, node.native(), -result);
    Handle handle(raw);

    const auto key = std::ranges::find_if(
        keys, [&](unsigned code) { return libevdev_has_event_code(raw, EV_KEY, code) != 0; });
    if (key == keys.end()) return nullptr;
    const bool part_of_board = libevdev_get_id_bustype(raw) == BUS_HOST;
    if (claim == Claim::exclusive && !part_of_board) return nullptr;
    if (const int result = libevdev_set_clock_id(raw, CLOCK_MONOTONIC); result < 0)
        return fail_errno(ErrorKind::internal, node.native() + ": monotonic clock", -result);

    std::unique_ptr<EvdevDevice> device(new EvdevDevice(std::move(fd), std::move(handle), node));
    device->key_ = *key;
    device->key_position_ = static_cast<std::size_t>(key - keys.begin());
    device->part_of_board_ = part_of_board;
    return device;
}

Expected<void> EvdevDevice::grab() {
    if (const int result = libevdev_grab(handle_.get(), LIBEVDEV_GRAB); result < 0)
        return fail_errno(ErrorKind::internal, describe() + " cannot be taken for us alone", -result);
    return {};
}

std::string EvdevDevice::describe() const {
    const char* key = libevdev_event_code_get_name(EV_KEY, key_);
    return std::string(libevdev_get_name(handle_.get())) + " (" + node_.native() + ", " +
           (key == nullptr ? std::to_string(key_) : key) + ")";
}

bool EvdevDevice::is_down() const {
    return libevdev_get_event_value(handle_.get(), EV_KEY, key_) != 0;
}

bool EvdevDevice::hung_up() const {
    pollfd state{.fd = libevdev_get_fd(handle_.get()), .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0 &&
           (state.revents & POLLIN) == 0;
}

std::variant<ButtonEvent, EvdevDevice::Nothing, EvdevDevice::Gone> EvdevDevice::take_edge() {
    for (;;) {
        // After an overflow of its queue the kernel's state is compared with ours, event by event.
        const unsigned flag = resynchronising_ ? LIBEVDEV_READ_FLAG_SYNC : LIBEVDEV_READ_FLAG_NORMAL;
        input_event event{};
        const int result = libevdev_next_event(handle_.get(), flag, &event);
        if (result == -EINTR) continue;
        if (result == -EAGAIN && std::exchange(resynchronising_, false)) continue;
        if (result == -EAGAIN) {
            if (hung_up()) return Gone{};
            return Nothing{};
        }
        if (result < 0) return Gone{};
        if (result == LIBEVDEV_READ_STATUS_SYNC) resynchronising_ = true;
        // Value 2 is a repetition.
        if (event.type != EV_KEY || event.code != key_ || event.value > 1) continue;
        return ButtonEvent{event.value == 1 ? ButtonEdge::pressed : ButtonEdge::released, time_of(event)};
    }
}

}  // namespace mox::board
