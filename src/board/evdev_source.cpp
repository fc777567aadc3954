#include "board/evdev_source.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "board/folder_watch.hpp"

namespace mox::board {

namespace {

/// N of "eventN"; nothing for other names (mice, js0, by-path).
std::optional<unsigned> event_number(std::string_view name) {
    if (!name.starts_with("event")) return std::nullopt;
    name.remove_prefix(5);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

std::vector<std::filesystem::path> event_nodes(const std::filesystem::path& folder) {
    std::vector<std::pair<unsigned, std::filesystem::path>> numbered;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (const auto number = event_number(entry->path().filename().native()))
            numbered.emplace_back(*number, entry->path());
    std::ranges::sort(numbered);

    std::vector<std::filesystem::path> nodes;
    nodes.reserve(numbered.size());
    for (auto& [number, node] : numbered) nodes.push_back(std::move(node));
    return nodes;
}

std::unique_ptr<EvdevDevice> best_device(const std::filesystem::path& folder, std::span<const unsigned> keys,
                                         Claim claim, Log& log) {
    std::unique_ptr<EvdevDevice> best;
    for (const auto& node : event_nodes(folder)) {
        auto device = EvdevDevice::open(node, keys, claim);
        if (!device)
            log.debug("no button: " + device.error().describe());
        else if (*device && (!best || (*device)->rank() < best->rank()))
            best = std::move(*device);
    }
    return best;
}

}  // namespace

EvdevSource::EvdevSource(std::vector<unsigned> keys, std::filesystem::path folder, Claim claim, Log& log)
    : keys_(std::move(keys)), folder_(std::move(folder)), claim_(claim), log_(log) {
    look_for_device();
}

EvdevSource::~EvdevSource() = default;

void EvdevSource::look_for_device() {
    // The watch begins before the look, so that nothing can appear unseen in between.
    auto watch = FolderWatch::on(folder_);
    device_ = best_device(folder_, keys_, claim_, log_);
    watch_.reset();
    if (device_) {
        log_.info("button: " + device_->describe());
        if (claim_ == Claim::exclusive)
            if (const auto ours = device_->grab(); !ours) log_.warning("button: " + ours.error().describe());
    } else if (watch) {
        watch_ = std::make_unique<FolderWatch>(std::move(*watch));
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

}  // namespace mox::board
