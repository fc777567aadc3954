#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "board/led.hpp"
#include "support/fake_clock.hpp"

namespace mox::test_support {

/// What a person would write down who watches a LED with a stopwatch in hand.
struct LedChange {
    std::chrono::milliseconds at{};  ///< since FakeClock::start()
    std::string shows;               ///< "on", "off", "blinks 500/500"

    bool operator==(const LedChange&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const LedChange& change) {
        return out << change.at.count() << " ms " << change.shows;
    }
};

/// Writes down every visible change.
class FakeLed final : public board::Led {
public:
    Expected<void> set(bool lit) override { return show(lit ? "on" : "off"); }
    Expected<void> blink(std::chrono::milliseconds on, std::chrono::milliseconds off) override {
        return show("blinks " + std::to_string(on.count()) + "/" + std::to_string(off.count()));
    }

    [[nodiscard]] const std::vector<LedChange>& changes() const { return changes_; }

    /// From now on every write fails, as on a LED that the kernel has lost.
    void break_down() { broken_ = true; }
    [[nodiscard]] int failed_writes() const { return failed_writes_; }

private:
    Expected<void> show(const std::string& what) {
        if (broken_) {
            ++failed_writes_;
            return fail(ErrorKind::internal, "LED /sys/class/leds/fake/brightness: No such device");
        }
        if (changes_.empty() || changes_.back().shows != what)
            changes_.push_back({FakeClock::since_start(), what});
        return {};
    }

    std::vector<LedChange> changes_;
    bool broken_ = false;
    int failed_writes_ = 0;
};

}  // namespace mox::test_support
