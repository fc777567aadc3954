#include "board/evdev_source.hpp"

#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <linux/input.h>
#include <poll.h>
#include <sys/inotify.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"

namespace mox::board {

namespace {

/// N of "eventN"; nullopt for other names (mice, js0, by-path).
std::optional<unsigned> event_number(std::string_view name) {
    if (!name.starts_with("event")) return std::nullopt;
    name.remove_prefix(5);
    return whole_number<unsigned>(name);
}

std::vector<std::filesystem::path> event_nodes(const std::filesystem::path& directory) {
    std::vector<std::pair<unsigned, std::filesystem::path>> numbered;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error))
        if (const auto number = event_number(entry->path().filename().native()))
            numbered.emplace_back(*number, entry->path());
    std::ranges::sort(numbered);

    std::vector<std::filesystem::path> nodes;
    nodes.reserve(numbered.size());
    for (auto& [number, node] : numbered) nodes.push_back(std::move(node));
    return nodes;
}

std::unique_ptr<EvdevDevice> best_device(const std::filesystem::path& directory,
                                         std::span<const unsigned> keys, Claim claim, Log& log) {
    std::unique_ptr<EvdevDevice> best;
    for (const auto& node : event_nodes(directory)) {
        auto device = EvdevDevice::open(node, keys, claim);
        if (!device)
            log.debug("no button: " + device.error().describe());
        else if (*device && (!best || (*device)->rank() < best->rank()))
            best = std::move(*device);
    }
    return best;
}

}  // namespace

EvdevSource::EvdevSource(std::vector<unsigned> keys, std::filesystem::path directory, Claim claim, Log& log)
    : keys_(std::move(keys)), directory_(std::move(directory)), claim_(claim), log_(log) {
    look_for_device();
}

EvdevSource::~EvdevSource() = default;

void EvdevSource::look_for_device() {
    // The watch begins before the search, so that no device can appear unseen in between.
    auto watch = DirectoryWatch::on(directory_);
    device_ = best_device(directory_, keys_, claim_, log_);
    watch_.reset();
    if (device_) {
        log_.info("button: " + device_->describe());
        if (claim_ == Claim::exclusive)
            if (const auto ours = device_->grab(); !ours) log_.warning("button: " + ours.error().describe());
    } else if (watch) {
        watch_ = std::make_unique<DirectoryWatch>(std::move(*watch));
    } else {
        log_.warning("a button that appears later will not be noticed: " + watch.error().describe());
    }
}

EvdevSource::Lost EvdevSource::forget_device() {
    const Lost lost{device_->is_down()};
    log_.warning("button: " + device_->describe() + " is gone; looking for another");
    device_.reset();
    look_for_device();
    found_held_ = is_down();
    return lost;
}

bool EvdevSource::is_down() const {
    return device_ && device_->is_down();
}

bool EvdevSource::something_appeared() const {
    if (!watch_) return false;
    pollfd state{.fd = watch_->fd(), .events = POLLIN, .revents = 0};
    return ::poll(&state, 1, 0) > 0;
}

EvdevSource::Taken EvdevSource::take() {
    if (!device_ && something_appeared()) {
        look_for_device();
        found_held_ = is_down();
    }
    if (std::exchange(found_held_, false)) return ButtonEvent{ButtonEdge::found_held, Clock::now()};
    if (!device_) return Nothing{};
    const auto taken = device_->take_edge();
    if (const auto* event = std::get_if<ButtonEvent>(&taken)) return *event;
    if (std::holds_alternative<EvdevDevice::Gone>(taken)) return forget_device();
    return Nothing{};
}

int EvdevSource::fd() const {
    if (device_) return device_->fd();
    return watch_ ? watch_->fd() : -1;
}

namespace {

Clock::time_point time_of(const input_event& event) {
    const auto since_boot =
        std::chrono::seconds(event.input_event_sec) + std::chrono::microseconds(event.input_event_usec);
    // The events have the times of the steady clock (EvdevDevice::open). A time in the future would stop the
    // selection.
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
        return fail_errno(ErrorKind::internal, describe() + " cannot be grabbed", -result);
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
        // After an overflow of the kernel's queue libevdev returns the differences to the device's present
        // state, as events.
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

namespace {

/// devtmpfs and udev create a node first and set its permissions later, hence IN_ATTRIB.
constexpr std::uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF;

/// Watches `directory` or its nearest existing ancestor. Returns the one that is watched.
Expected<std::filesystem::path> watch_nearest(int inotify, std::filesystem::path directory) {
    while (::inotify_add_watch(inotify, directory.c_str(), changes) < 0) {
        if (errno != ENOENT || directory == directory.parent_path())
            return fail_errno(ErrorKind::internal, "cannot watch " + directory.native());
        directory = directory.parent_path();
    }
    return directory;
}

}  // namespace

Expected<DirectoryWatch> DirectoryWatch::on(const std::filesystem::path& directory) {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd) return fail_errno(ErrorKind::internal, "inotify");
    // A missing directory may have been created just before its ancestor was watched: repeat until the
    // nearest one does not change.
    for (std::filesystem::path watched;;) {
        auto nearest = TRY(watch_nearest(fd.get(), directory));
        if (nearest == watched) break;
        watched = std::move(nearest);
    }
    return DirectoryWatch(std::move(fd));
}

}  // namespace mox::board
