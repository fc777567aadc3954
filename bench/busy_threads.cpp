#include "busy_threads.hpp"

#include <pthread.h>

#include <filesystem>
#include <fstream>

namespace mox::bench {

namespace {

constexpr std::chrono::milliseconds sampling_interval{4};
constexpr auto sampler_name = "sampler";

}  // namespace

BusyThreads::BusyThreads()
    : sampler_([this] {
          ::pthread_setname_np(::pthread_self(), sampler_name);
          while (!ended_) {
              sample();
              std::this_thread::sleep_for(sampling_interval);
          }
          sample();
      }) {}

BusyThreads::~BusyThreads() {
    ended_ = true;
    if (sampler_.joinable()) sampler_.join();
}

std::map<std::string, std::chrono::nanoseconds> BusyThreads::stop() {
    ended_ = true;
    sampler_.join();
    std::map<std::string, std::chrono::nanoseconds> busy;
    for (const auto& [id, thread] : threads_)
        if (thread.name != sampler_name) busy[thread.name] += thread.busy;
    return busy;
}

void BusyThreads::sample() {
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
        std::string name;
        long long busy = -1;
        // schedstat: time on the processor in ns first. A thread may end between listing and reading.
        std::getline(std::ifstream(task.path() / "comm"), name);
        std::ifstream(task.path() / "schedstat") >> busy;
        if (busy >= 0) threads_[std::stoi(task.path().filename())] = {name, std::chrono::nanoseconds(busy)};
    }
}

}  // namespace mox::bench
