#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace mox {

/// One step of a mode; `weight` is its share of the whole time, in any unit.
struct StepPlan {
    std::string name;
    double weight = 1;
};

/// The progress of a mode, for the displays.
struct ProgressState {
    std::string step;        ///< name of the running step
    std::size_t number = 0;  ///< 1-based
    std::size_t count = 0;   ///< number of steps
    double step_fraction = 0;
    double fraction = 0;  ///< of the whole mode, 0 to 1; it never decreases
    Bytes done{};         ///< of this step; both 0 when it is not measured in bytes
    Bytes total{};
    std::optional<Bytes> rate{};  ///< per second; nullopt: not known yet
    std::optional<std::chrono::nanoseconds> remaining{};
    std::chrono::nanoseconds step_elapsed{};
    bool step_finished = false;
};

/// Reports the progress of work that is measured in bytes. Cheap: it is called often, from any thread.
using ByteProgress = std::function<void(Bytes done, Bytes total)>;

/// Weighted steps, for every display (console bar, LED, log, JSON): modes never write to a screen. Steps run
/// one after another. Listeners are called at most ten times a second and at each start and end of a step, on
/// the thread that reports the progress.
class Progress {
public:
    using Listener = std::function<void(const ProgressState&)>;

    explicit Progress(std::vector<StepPlan> steps = {});

    void add_listener(Listener listener);

    /// Replaces the steps. A mode calls it before its first step, when it knows what it will do.
    void plan(std::vector<StepPlan> steps);

    /// Ends the running step and starts the next one.
    void next_step();

    /// Reports the progress of the running step. Ignored before the first step.
    void advance(Bytes done, Bytes total);

    /// Ends the last step.
    void finish();

    /// `advance` as a function, for a lower module.
    [[nodiscard]] ByteProgress bytes();

private:
    void end_step();
    void notify(Clock::time_point now);

    std::mutex mutex_;
    std::vector<StepPlan> steps_;
    std::vector<Listener> listeners_;
    ProgressState state_;
    Clock::time_point step_start_;
    Clock::time_point last_notified_;
};

}  // namespace mox
