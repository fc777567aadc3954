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

/// Where a mode is right now: what every display shows.
struct ProgressState {
    std::string step;        ///< name of the running step
    std::size_t number = 0;  ///< 1-based
    std::size_t count = 0;   ///< number of steps
    double step_fraction = 0;
    double fraction = 0;  ///< of the whole mode, 0 to 1, never goes back
    Bytes done{};         ///< of this step; both 0 when it is not measured in bytes
    Bytes total{};
    std::optional<Bytes> rate{};  ///< per second, once it can be told
    std::optional<std::chrono::nanoseconds> remaining{};
    std::chrono::nanoseconds step_elapsed{};
    bool step_finished = false;
};

/// How far work with bytes has come. Called often and from any thread: cheap.
using ByteProgress = std::function<void(Bytes done, Bytes total)>;

/// A stack of weighted steps feeds every display (console bar, LED, log, JSON): modes never write to a
/// screen. Steps run one after another; listeners are called at most ten times a second and at each start and
/// end of a step, on the thread that made progress.
class Progress {
public:
    using Listener = std::function<void(const ProgressState&)>;

    explicit Progress(std::vector<StepPlan> steps = {});

    void add_listener(Listener listener);

    /// Replaces the plan, before the first step: a mode knows its steps once it is prepared.
    void plan(std::vector<StepPlan> steps);

    /// Ends the running step and starts the next one of the plan.
    void next_step();

    /// Reports about the running step. Ignored before the first step.
    void advance(Bytes done, Bytes total);

    /// Ends the last step.
    void finish();

    /// `advance` as a function to hand down to a lower room.
    [[nodiscard]] ByteProgress bytes();

private:
    void end_step();
    void tell(Clock::time_point now);

    std::mutex mutex_;
    std::vector<StepPlan> steps_;
    std::vector<Listener> listeners_;
    ProgressState state_;
    Clock::time_point step_start_;
    Clock::time_point last_told_;
};

}  // namespace mox
