#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// Threads with one common result: success if all tasks succeed. The first error is the result and stops the
/// other tasks. No thread outlives the group.
class TaskGroup {
public:
    using Body = std::function<Expected<void>()>;

    /// `stop_all` wakes every waiting task and makes it return soon. It is called from any thread, possibly
    /// several times.
    explicit TaskGroup(std::function<void()> stop_all);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// Runs `body` on a new thread. top and debuggers show it as `name` (at most 15 characters). An exception
    /// from `body` becomes an error (`internal`).
    void start(std::string_view name, Body body);

    /// Runs `body` on this thread, as a task of the group.
    void run_here(const Body& body);

    /// Waits until all tasks are done. Returns the first error.
    [[nodiscard]] Expected<void> join();

private:
    void record(Error error);
    void join_threads();

    std::function<void()> stop_all_;
    std::mutex mutex_;
    std::optional<Error> first_error_;
    std::vector<std::thread> threads_;
};

}  // namespace mox::medkit
