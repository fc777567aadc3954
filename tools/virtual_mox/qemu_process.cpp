#include "virtual_mox/qemu_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr std::size_t most_inherited = 8;

struct ChildPlan {
    char* const* argv;
    std::array<int, most_inherited> inherited{};
    int inherited_count = 0;
    int nothing;  ///< /dev/null
    int log;
    pid_t parent;
};

/// Runs between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(ChildPlan plan) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) ::_exit(127);
    ::dup2(plan.nothing, STDIN_FILENO);
    ::dup2(plan.log, STDOUT_FILENO);
    ::dup2(plan.log, STDERR_FILENO);
    // Moves the descriptors first to free numbers, so that they do not overwrite each other, then to their
    // places.
    constexpr int out_of_the_way = 100;
    for (int i = 0; i < plan.inherited_count; ++i) {
        auto& fd = plan.inherited[static_cast<std::size_t>(i)];
        fd = ::fcntl(fd, F_DUPFD_CLOEXEC, out_of_the_way);
    }
    for (int i = 0; i < plan.inherited_count; ++i)
        ::dup2(plan.inherited[static_cast<std::size_t>(i)], first_inherited_fd + i);
    // QEMU starts with no signal blocked or ignored.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execvp(plan.argv[0], plan.argv);
    const char* const message = ": this program cannot be run. Is it installed?\n";
    static_cast<void>(::write(STDERR_FILENO, plan.argv[0], std::strlen(plan.argv[0])) +
                      ::write(STDERR_FILENO, message, std::strlen(message)));
    ::_exit(127);
}

}  // namespace

Expected<QemuProcess> QemuProcess::start(const asio::any_io_executor& executor,
                                         const std::vector<std::string>& argv, std::span<const int> inherited,
                                         const std::filesystem::path& log) {
    auto nothing = open_file("/dev/null", O_RDONLY, kind);
    if (!nothing) return pass_on(nothing);
    auto log_file = open_file(log, O_WRONLY | O_CREAT | O_APPEND, kind);
    if (!log_file) return pass_on(log_file);

    std::vector<std::string> words = argv;
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ChildPlan plan{
        .argv = pointers.data(), .nothing = nothing->get(), .log = log_file->get(), .parent = ::getpid()};
    if (inherited.size() > most_inherited) return fail(kind, "too many descriptors for QEMU");
    std::ranges::copy(inherited, plan.inherited.begin());
    plan.inherited_count = static_cast<int>(inherited.size());

    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno(kind, "fork");
    if (pid == 0) become(plan);
    const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (descriptor < 0) {
        const int failure = errno;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return fail_errno(kind, "pidfd_open", failure);
    }
    return QemuProcess(executor, pid, descriptor);
}

QemuProcess::QemuProcess(const asio::any_io_executor& executor, pid_t pid, int pid_descriptor)
    : pid_(pid), end_(executor, pid_descriptor) {}

QemuProcess::QemuProcess(QemuProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_(std::move(other.end_)) {}

void QemuProcess::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);  // harmless if it has ended: it is not reaped yet
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

asio::awaitable<void> QemuProcess::ended() {
    co_await end_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
}

std::string end_of_log(const std::filesystem::path& log) {
    constexpr std::size_t enough = 1500;
    constexpr Bytes most{1 << 20};
    auto text = read_small_file(log, kind, most);
    if (!text) return text.error().describe();
    while (text->ends_with('\n')) text->pop_back();
    return text->size() > enough ? "..." + text->substr(text->size() - enough) : *text;
}

}  // namespace mox::virtual_mox
