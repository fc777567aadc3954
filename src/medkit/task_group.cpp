#include "medkit/task_group.hpp"

#include <pthread.h>

#include <exception>
#include <string>
#include <utility>

namespace mox::medkit {

TaskGroup::TaskGroup(std::function<void()> stop_all) : stop_all_(std::move(stop_all)) {}

TaskGroup::~TaskGroup() {
    if (threads_.empty()) return;
    stop_all_();
    join_threads();
}

void TaskGroup::start(std::string_view name, Body body) {
    try {
        threads_.emplace_back([this, body = std::move(body)] { run_here(body); });
        ::pthread_setname_np(threads_.back().native_handle(), std::string(name).c_str());
    } catch (const std::exception& failure) {
        record(Error(ErrorKind::internal, std::string("cannot start a thread: ") + failure.what()));
    }
}

void TaskGroup::run_here(const Body& body) {
    try {
        if (auto result = body(); !result) record(std::move(result).error());
    } catch (const std::exception& failure) {
        record(Error(ErrorKind::internal, std::string("unexpected failure: ") + failure.what()));
    }
}

Expected<void> TaskGroup::join() {
    join_threads();
    const std::lock_guard lock(mutex_);
    if (first_error_) return std::unexpected(*first_error_);
    return {};
}

/// Stores the error before it stops the other tasks: their errors are consequences of the first one.
void TaskGroup::record(Error error) {
    {
        const std::lock_guard lock(mutex_);
        if (!first_error_) first_error_ = std::move(error);
    }
    stop_all_();
}

void TaskGroup::join_threads() {
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace mox::medkit
