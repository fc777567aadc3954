#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::update {

/// One kept log: "0007-reflash.log" and its text.
struct KeptLog {
    std::string name;
    std::string text;
};

/// Where the logs are in an installed system, relative to its root.
inline constexpr std::string_view rescue_log_folder = "var/log/mox-rescue";

/// Where they are in a system whose /var/log is in memory while it runs: OpenWrt has /var -> /tmp.
inline constexpr std::string_view lasting_log_folder = "etc/mox-rescue/log";

/// The one of the two that the system below `root` still has after its next boot: links are followed as that
/// system follows them, and its /etc/fstab is asked which folders are in memory.
[[nodiscard]] std::string_view log_folder_of(int root);

/// How many are kept, the newest one included.
inline constexpr std::size_t rescue_logs_kept = 10;

/// The logs in the system whose root directory is open as `root`, of both folders, oldest first. A system
/// without any, or one that cannot be read, has none: they never stop a rescue.
[[nodiscard]] std::vector<KeptLog> read_rescue_logs(int root);

/// Name of the next log after `earlier`: numbered, because the clock of a router may be wrong.
[[nodiscard]] std::string next_log_name(const std::vector<KeptLog>& earlier, std::string_view subject);

/// Which of `earlier` stay when one more is added: the newest `rescue_logs_kept - 1`.
[[nodiscard]] std::vector<KeptLog> logs_to_carry_over(std::vector<KeptLog> earlier);

/// Writes `logs` into log_folder_of the system below `root`, replacing files of the same name. Errors:
/// `card`.
[[nodiscard]] Expected<void> write_rescue_logs(int root, const std::vector<KeptLog>& logs);

}  // namespace mox::update
