#include "base/progress.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mox {

namespace {

using namespace std::chrono_literals;

constexpr auto notify_interval = 100ms;
constexpr auto rate_is_known_after = 300ms;

double weight_of(const std::vector<StepPlan>& steps, std::size_t count) {
    return std::accumulate(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count), 0.0,
                           [](double sum, const StepPlan& step) { return sum + step.weight; });
}

}  // namespace

Progress::Progress(std::vector<StepPlan> steps) : steps_(std::move(steps)) {
    state_.count = steps_.size();
}

void Progress::add_listener(Listener listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
}

void Progress::plan(std::vector<StepPlan> steps) {
    const std::lock_guard lock(mutex_);
    steps_ = std::move(steps);
    state_ = {};
    state_.count = steps_.size();
}

void Progress::next_step() {
    const std::lock_guard lock(mutex_);
    end_step();
    if (state_.number >= steps_.size()) return;
    const auto number = state_.number + 1;
    const auto fraction = state_.fraction;
    state_ = {
        .step = steps_[number - 1].name, .number = number, .count = steps_.size(), .fraction = fraction};
    step_start_ = Clock::now();
    notify(step_start_);
}

void Progress::advance(Bytes done, Bytes total) {
    const std::lock_guard lock(mutex_);
    if (state_.number == 0 || state_.step_finished) return;
    state_.done = std::max(state_.done, done);
    state_.total = std::max(total, state_.done);
    const auto now = Clock::now();
    if (now - last_notified_ >= notify_interval) notify(now);
}

void Progress::finish() {
    const std::lock_guard lock(mutex_);
    end_step();
}

ByteProgress Progress::bytes() {
    return [this](Bytes done, Bytes total) { advance(done, total); };
}

void Progress::end_step() {
    if (state_.number == 0 || state_.step_finished) return;
    state_.step_finished = true;
    state_.done = state_.total;
    notify(Clock::now());
}

void Progress::notify(Clock::time_point now) {
    last_notified_ = now;
    state_.step_elapsed = now - step_start_;
    if (state_.step_finished)
        state_.step_fraction = 1;
    else if (state_.total.count > 0)
        state_.step_fraction =
            static_cast<double>(state_.done.count) / static_cast<double>(state_.total.count);

    const double all = weight_of(steps_, steps_.size());
    const double before = weight_of(steps_, state_.number - 1);
    const double within = steps_[state_.number - 1].weight * state_.step_fraction;
    if (all > 0) state_.fraction = std::max(state_.fraction, (before + within) / all);

    if (state_.step_elapsed >= rate_is_known_after && state_.done.count > 0) {
        const double seconds = std::chrono::duration<double>(state_.step_elapsed).count();
        const double rate = static_cast<double>(state_.done.count) / seconds;
        state_.rate = Bytes{static_cast<std::uint64_t>(rate)};
        const double left = static_cast<double>((state_.total - state_.done).count) / rate;
        state_.remaining =
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(left));
    }
    for (const auto& listener : listeners_) listener(state_);
}

}  // namespace mox
