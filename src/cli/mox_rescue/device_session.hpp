#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "cli/mox_rescue/options.hpp"

namespace mox::cli {

/// Runs the rescue on the device: LED, button, selection, mode, reboot. Returns the exit status, and only
/// when the system stays up (`dont_reboot`) or cannot reboot.
[[nodiscard]] int run_device_session(const RescueOptions& options, const RescueSession& session);

/// Interval of the heartbeats for process 1 (init/supervisor.hpp).
inline constexpr std::chrono::seconds heartbeat_interval{1};

/// Writes a byte to `descriptor` every `heartbeat_interval`, as long as the event loop runs. Takes ownership
/// of the descriptor: no child inherits it. Ends when the other end is closed.
[[nodiscard]] boost::asio::awaitable<void> send_heartbeats(int descriptor);

/// The log of the running rescue program, in memory.
inline constexpr std::string_view running_log = "/run/mox-rescue/log";

/// Copies the log into a file, for users of a shell. If the file cannot be written, that is logged, and there
/// is no file.
class LogFile {
public:
    /// Adds a listener to `log` permanently: this object must live as long as `log`.
    LogFile(const std::filesystem::path& path, Log& log);
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

private:
    std::filesystem::path path_;
    UniqueFd file_;
};

}  // namespace mox::cli
