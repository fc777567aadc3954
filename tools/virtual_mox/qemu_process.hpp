#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace mox::virtual_mox {

/// The first descriptor that a started QEMU inherits; further ones follow: 3, 4, 5, ...
inline constexpr int first_inherited_fd = 3;

/// A running QEMU. Killed at the end of the scope, and by the kernel when the thread that started it ends
/// (PR_SET_PDEATHSIG): so it never outlives this process.
class QemuProcess {
public:
    /// Starts `argv` (looked up in PATH) with `inherited` as its descriptors 3, 4, ...; its stdout and stderr
    /// are appended to `log`. Errors (`internal`): the log cannot be written, or too many processes. When
    /// QEMU is not installed the process ends, with a message in the log.
    [[nodiscard]] static Expected<QemuProcess> start(const boost::asio::any_io_executor& executor,
                                                     const std::vector<std::string>& argv,
                                                     std::span<const int> inherited,
                                                     const std::filesystem::path& log);

    QemuProcess(QemuProcess&& other) noexcept;
    QemuProcess& operator=(QemuProcess&&) = delete;
    QemuProcess(const QemuProcess&) = delete;
    QemuProcess& operator=(const QemuProcess&) = delete;
    ~QemuProcess() { kill(); }

    /// Kills QEMU (SIGKILL), and waits for its end.
    void kill();

    /// Waits until the process has ended, by itself or by `kill`.
    [[nodiscard]] boost::asio::awaitable<void> ended();

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    QemuProcess(const boost::asio::any_io_executor& executor, pid_t pid, int pid_descriptor);

    pid_t pid_ = -1;
    boost::asio::posix::stream_descriptor end_;  ///< a pidfd: readable when the process has ended
};

/// The last lines that QEMU wrote to its log, for messages; empty if there are none.
[[nodiscard]] std::string end_of_log(const std::filesystem::path& log);

}  // namespace mox::virtual_mox
