#include "base/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

#include "base/interruption.hpp"
#include "base/posix_spawn.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"

namespace mox {

namespace {

constexpr std::size_t output_kept = 64 << 10;

/// The child has the default action of SIGPIPE. In a commit it leads its own process group, because a signal
/// of the terminal to our group (Ctrl-C, hang-up) would kill it half way.
SpawnAttributes attributes_now() {
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    return SpawnAttributes(usual, Commit::is_active() ? POSIX_SPAWN_SETPGROUP : 0);
}

/// A started child: killed and reaped at the end of the scope unless `wait` was called.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        (void)wait();
    }

    /// Waits for the end. Returns the exit status as a shell shows it.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t pid_;
};

Expected<pid_t> spawn(const std::vector<std::string>& argv, int output) {
    FileActions actions;
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    actions.duplicate(output, STDOUT_FILENO);
    actions.duplicate(output, STDERR_FILENO);

    std::vector<std::string> words = argv;
    const auto pointers = pointers_to(words);
    const auto attributes = attributes_now();
    pid_t pid = -1;
    const int failure =
        ::posix_spawnp(&pid, pointers.front(), actions.get(), attributes.get(), pointers.data(), environ);
    if (failure != 0) return fail_errno(ErrorKind::internal, "cannot run " + argv.front(), failure);
    return pid;
}

enum class Gathered { all, time_is_up };

/// When a child is out of time. The caller asks before each wait, which is never longer than
/// `check_interval`.
class Deadline {
public:
    explicit Deadline(std::chrono::milliseconds limit) : limit_(limit), at_(Clock::now() + limit) {}
    /// The time starts again each time `progress` returns something else.
    Deadline(std::chrono::milliseconds longest_stall, std::function<std::string()> progress)
        : limit_(longest_stall), at_(Clock::now() + longest_stall), progress_(std::move(progress)) {}

    [[nodiscard]] std::chrono::milliseconds left() {
        constexpr std::chrono::milliseconds check_interval{500};
        const auto now = Clock::now();
        if (progress_)
            if (auto answer = progress_(); answer != last_answer_) {
                last_answer_ = std::move(answer);
                at_ = now + limit_;
            }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - now);
        return progress_ ? std::min(left, check_interval) : left;
    }

private:
    std::chrono::milliseconds limit_;
    Clock::time_point at_;
    std::function<std::string()> progress_;
    std::string last_answer_;
};

/// Reads until all processes have closed the writing end of the pipe, or until the deadline.
Expected<Gathered> gather_output(int pipe_end, Deadline& deadline, const ChildOutput& output) {
    std::array<char, 4096> block{};
    for (;;) {
        const auto left = deadline.left().count();
        if (left <= 0) return Gathered::time_is_up;
        pollfd waiting{.fd = pipe_end, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(left)) <= 0) continue;
        const ssize_t got = ::read(pipe_end, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return Gathered::all;
        TRY(output({block.data(), static_cast<std::size_t>(got)}));
    }
}

std::string last_lines(const std::string& output) {
    constexpr std::size_t enough = 400;
    auto text = output.size() > enough ? "..." + output.substr(output.size() - enough) : output;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// Returns the exit status of a program; nullopt: it was killed at the deadline of `make_deadline(pid)`.
Expected<std::optional<int>> run_until(const std::vector<std::string>& argv,
                                       const std::function<Deadline(pid_t)>& make_deadline,
                                       const ChildOutput& output) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);

    auto pid = TRY(spawn(argv, writing.get()));
    writing.reset();
    Child child(pid);

    auto deadline = make_deadline(pid);
    const auto gathered = TRY(gather_output(reading.get(), deadline, output));
    if (gathered == Gathered::time_is_up) return std::nullopt;
    return child.wait();
}

/// Appends to `output`, and keeps only its end.
ChildOutput keep_the_end_in(std::string& output) {
    return [&output](std::string_view part) -> Expected<void> {
        output.append(part);
        if (output.size() > 2 * output_kept) output.erase(0, output.size() - output_kept);
        return {};
    };
}

std::unexpected<Error> failed(const std::vector<std::string>& argv, int exit_status,
                              const std::string& output, ErrorKind kind) {
    return fail(kind, argv.front() + " failed (exit status " + std::to_string(exit_status) +
                          "): " + last_lines(output));
}

}  // namespace

Expected<int> run_child_streaming(const std::vector<std::string>& argv, std::chrono::milliseconds time_limit,
                                  const ChildOutput& output) {
    auto status = TRY(run_until(argv, [&](pid_t) { return Deadline(time_limit); }, output));
    if (!status)
        return fail(ErrorKind::internal,
                    argv.front() + " was not done after " + to_text(time_limit) + " and was stopped");
    return *status;
}

Expected<ChildResult> run_child(const std::vector<std::string>& argv, std::chrono::milliseconds time_limit) {
    ChildResult result;
    auto status = TRY(run_child_streaming(argv, time_limit, keep_the_end_in(result.output)));
    result.exit_status = status;
    auto& output = result.output;
    if (output.size() > output_kept) output.erase(0, output.size() - output_kept);
    return result;
}

Expected<void> run_child_while_it_gets_on(const std::vector<std::string>& argv,
                                          std::chrono::milliseconds longest_stall,
                                          const ChildProgress& progress, ErrorKind kind) {
    std::string output;
    auto status = run_until(
        argv, [&](pid_t pid) { return Deadline(longest_stall, [&progress, pid] { return progress(pid); }); },
        keep_the_end_in(output));
    if (!status) return std::unexpected(std::move(status).error().as(kind));
    if (!*status)
        return fail(kind,
                    argv.front() + " did not get on for " + to_text(longest_stall) + " and was stopped");
    if (**status != 0) return failed(argv, **status, output, kind);
    return {};
}

Expected<void> run_child_successfully(const std::vector<std::string>& argv,
                                      std::chrono::milliseconds time_limit, ErrorKind kind) {
    auto result = run_child(argv, time_limit);
    if (!result) return std::unexpected(std::move(result).error().as(kind));
    if (result->succeeded()) return {};
    return failed(argv, result->exit_status, result->output, kind);
}

}  // namespace mox
