#pragma once

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "support/evdev_shim/evdev_shim.hpp"

namespace mox::test_support {

/// Down and up times, and the events that mox-button logs for them while its reboot command hangs.
class RandomPresses {
public:
    explicit RandomPresses(unsigned seed) : random_(seed) {
        while (events_.size() < 6 && !ends_with_reset_) add_press();
    }

    [[nodiscard]] const std::vector<KeyEdge>& edges() const { return edges_; }
    [[nodiscard]] const std::vector<std::string>& events() const { return events_; }
    [[nodiscard]] bool ends_with_reset() const { return ends_with_reset_; }

private:
    Clock::duration between(int least, int most) {
        return std::chrono::milliseconds(std::uniform_int_distribution(least, most)(random_));
    }
    void edge(bool down, Clock::duration later) {
        edges_.push_back({now_, down});
        now_ += later;
    }
    void bounce() {
        for (auto times = between(0, 2); times > std::chrono::milliseconds(0);
             times -= std::chrono::milliseconds(1)) {
            edge(true, between(1, 8));
            edge(false, between(1, 8));
        }
    }
    void add_press() {
        const auto begin = now_;
        bounce();
        edge(true, between(0, 3) == std::chrono::milliseconds(0) ? between(20000, 30000) : between(40, 7000));
        edge(false, between(1, 8));
        bounce();
        add_events(edges_.back().at - begin);
        now_ += between(60, 3000);
    }

    void add_events(Clock::duration held) {
        if (held >= std::chrono::seconds(4)) events_.emplace_back("long-press");
        if (held >= std::chrono::seconds(20)) events_.emplace_back("stuck");
        ends_with_reset_ = held >= std::chrono::seconds(4) && held < std::chrono::seconds(20);
        const bool short_press = held < std::chrono::seconds(4);
        if (ends_with_reset_)
            events_.emplace_back("reset");
        else
            events_.emplace_back(short_press && !rebooting_ ? "reboot" : "ignored");
        rebooting_ = rebooting_ || short_press;
    }

    std::mt19937 random_;
    Clock::time_point now_ = Clock::now() - std::chrono::minutes(10);
    std::vector<KeyEdge> edges_;
    std::vector<std::string> events_;
    bool rebooting_ = false;
    bool ends_with_reset_ = false;
};

}  // namespace mox::test_support
