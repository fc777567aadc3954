#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

namespace mox::bench {

/// How long each thread of this process has used a processor, by the threads' names (those of the same name
/// added up). Sampled from /proc while it lives, because threads come and go.
class BusyThreads {
public:
    BusyThreads();
    BusyThreads(const BusyThreads&) = delete;
    BusyThreads& operator=(const BusyThreads&) = delete;
    ~BusyThreads();

    /// Ends the sampling. The sampler itself is left out.
    [[nodiscard]] std::map<std::string, std::chrono::nanoseconds> stop();

private:
    struct Thread {
        std::string name;
        std::chrono::nanoseconds busy{};
    };
    void sample();

    std::map<int, Thread> threads_;
    std::atomic<bool> ended_ = false;
    std::thread sampler_;
};

}  // namespace mox::bench
