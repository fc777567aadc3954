#include "base/log.hpp"

#include <array>
#include <cstdio>

namespace mox {

namespace {

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug: ";
        case LogLevel::info:
            return "";
        case LogLevel::warning:
            return "warning: ";
        case LogLevel::error:
            return "error: ";
    }
    return "";
}

}  // namespace

std::string to_text(const LogLine& line) {
    std::array<char, 32> stamp{};
    const std::chrono::duration<double> seconds = line.since_start;
    static_cast<void>(std::snprintf(stamp.data(), stamp.size(), "[%9.3f] ", seconds.count()));
    return std::string(stamp.data()) + std::string(name_of(line.level)) + line.text;
}

Log::Log(std::size_t lines_kept) : lines_kept_(lines_kept), start_(std::chrono::steady_clock::now()) {}

void Log::add_listener(Listener listener) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::move(listener));
}

void Log::error(const Error& failure) {
    error(failure.headline());
    if (!failure.hint().empty()) info("hint: " + failure.hint());
}

std::string Log::text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& line : lines_) all += to_text(line) + "\n";
    return all;
}

void Log::add(LogLevel level, std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (lines_.size() >= 2 * lines_kept_)
        lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(lines_kept_));
    lines_.push_back({std::chrono::system_clock::now(), std::chrono::steady_clock::now() - start_, level,
                      std::string(text)});
    for (const auto& listener : listeners_) listener(lines_.back());
}

}  // namespace mox
