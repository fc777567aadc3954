#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::update {

/// One stored log, such as "0007-reflash.log", and its text.
struct KeptLog {
    std::string name;
    std::string text;
};

/// The directory of the logs in an installed system, relative to its root.
inline constexpr std::string_view rescue_log_directory = "var/log/mox-rescue";

/// Their directory in a system whose /var/log is in memory while it runs: OpenWrt has /var -> /tmp.
inline constexpr std::string_view persistent_log_directory = "etc/mox-rescue/log";

/// The one of the two that still exists after the next boot of the system below `root`. Follows symlinks as
/// that system does, and reads in its /etc/fstab which directories are in memory.
[[nodiscard]] std::string_view log_directory_of(int root);

/// Number of logs that are kept, including the newest one.
inline constexpr std::size_t rescue_logs_kept = 10;

/// The logs of both directories in the system whose root directory is open as `root`, oldest first. Empty if
/// they cannot be read: logs never stop a rescue.
[[nodiscard]] std::vector<KeptLog> read_rescue_logs(int root);

/// Name of the next log after `earlier`. It has a number, because the clock of a router may be wrong.
[[nodiscard]] std::string next_log_name(const std::vector<KeptLog>& earlier, std::string_view subject);

/// Those of `earlier` that stay when one more is added: the newest `rescue_logs_kept - 1`.
[[nodiscard]] std::vector<KeptLog> logs_to_carry_over(std::vector<KeptLog> earlier);

/// Writes `logs` into log_directory_of(`root`) and replaces files of the same name. Errors: `card`.
[[nodiscard]] Expected<void> write_rescue_logs(int root, const std::vector<KeptLog>& logs);

}  // namespace mox::update
