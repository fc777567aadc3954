#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// The rescue as on the device: LED, button, selection, mode, reboot. Returns only when the system is to stay
/// up (`dont_reboot`) or cannot reboot: the exit status.
[[nodiscard]] int run_device_session(const RescueOptions& options, const RescueSession& session);

/// How often the supervision (init/supervisor.hpp) is given a sign of life.
inline constexpr std::chrono::seconds heartbeat_interval{1};

/// Writes a byte to `descriptor` every `heartbeat_interval`, as long as the event loop turns. It is ours from
/// now on: no child inherits it. Ends when nobody listens any more.
[[nodiscard]] boost::asio::awaitable<void> beat(int descriptor);

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

}  // namespace mox::cli
