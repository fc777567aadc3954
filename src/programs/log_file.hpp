#pragma once

#include <filesystem>
#include <string_view>

#include "base/log.hpp"
#include "base/unique_fd.hpp"

namespace mox::programs {

/// Where the rescue program's log can be read while it runs, in memory.
inline constexpr std::string_view running_log = "/run/mox-rescue/log";

/// Everything that is logged, also in a file, for whoever opens a shell. A file that cannot be written is
/// said and gone without.
class LogFile {
public:
    /// `log` is listened to for good: this must live as long.
    LogFile(const std::filesystem::path& path, Log& log);
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

private:
    std::filesystem::path path_;
    UniqueFd file_;
};

}  // namespace mox::programs
