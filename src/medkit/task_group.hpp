#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// Threads that do one thing together: it succeeds if all do. The first error wins, and makes the others
/// stop. No thread outlives the team.
class TaskGroup {
public:
    using Body = std::function<Expected<void>()>;

    /// `stop_all` wakes every member that waits and makes it return soon. Called from any thread, perhaps
    /// several times.
    explicit TaskGroup(std::function<void()> stop_all);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// Runs `body` on a thread of its own, which shows under `name` (at most 15 characters) in top and
    /// debuggers. What `body` throws becomes an error (`internal`).
    void start(std::string_view name, Body body);

    /// Runs `body` on this thread, as a member of the team.
    void take_part(const Body& body);

    /// Waits until everybody is done. The first error of anybody.
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
