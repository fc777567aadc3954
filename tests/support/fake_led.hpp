#pragma once

#include <chrono>
#include <optional>
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

/// A LED goes on or off.
struct LedEdge {
    std::chrono::milliseconds at{};  ///< since FakeClock::start()
    bool lit = false;
};

/// Writes down every visible change. It blinks as the kernel's `timer` trigger does: it begins with a change,
/// and each of its times is too long by `lateness`.
class FakeLed final : public board::Led {
public:
    using milliseconds = std::chrono::milliseconds;

    Expected<void> set(bool lit) override {
        if (auto shown = show(lit ? "on" : "off"); !shown) return shown;
        stop_blinking();
        change(FakeClock::since_start(), lit);
        return {};
    }
    Expected<void> blink(milliseconds on, milliseconds off) override {
        const auto what = "blinks " + std::to_string(on.count()) + "/" + std::to_string(off.count());
        if (auto shown = show(what); !shown) return shown;
        stop_blinking();
        blinking_ = Blinking{.on = on + lateness, .off = off + lateness, .next = FakeClock::since_start()};
        return {};
    }
    [[nodiscard]] std::optional<bool> is_lit() const override {
        if (broken_) return std::nullopt;
        return is_lit_now();
    }

    [[nodiscard]] const std::vector<LedChange>& changes() const { return changes_; }
    /// What a user sees, up to now.
    [[nodiscard]] const std::vector<LedEdge>& edges() {
        catch_up();
        return edges_;
    }

    /// From now on every write fails, as on a LED that the kernel has lost.
    void break_down() { broken_ = true; }
    [[nodiscard]] int failed_writes() const { return failed_writes_; }

    milliseconds lateness{0};

private:
    struct Blinking {
        milliseconds on;
        milliseconds off;
        milliseconds next;  ///< when it changes next
    };

    Expected<void> show(const std::string& what) {
        if (broken_) {
            ++failed_writes_;
            return fail(ErrorKind::internal, "LED /sys/class/leds/fake/brightness: No such device");
        }
        if (changes_.empty() || changes_.back().shows != what)
            changes_.push_back({FakeClock::since_start(), what});
        return {};
    }

    void change(milliseconds at, bool lit) const {
        if (lit != (!edges_.empty() && edges_.back().lit)) edges_.push_back({at, lit});
    }
    /// Writes down the changes of the blinking up to now.
    void catch_up() const {
        while (blinking_ && blinking_->next <= FakeClock::since_start()) {
            const bool lit = edges_.empty() || !edges_.back().lit;
            change(blinking_->next, lit);
            blinking_->next += lit ? blinking_->on : blinking_->off;
        }
    }
    void stop_blinking() {
        catch_up();
        blinking_.reset();
    }
    [[nodiscard]] bool is_lit_now() const {
        catch_up();
        return !edges_.empty() && edges_.back().lit;
    }

    std::vector<LedChange> changes_;
    mutable std::vector<LedEdge> edges_;  // mutable: of a blinking LED they are written down when asked for
    mutable std::optional<Blinking> blinking_;
    bool broken_ = false;
    int failed_writes_ = 0;
};

}  // namespace mox::test_support
