#include "base/running_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mox {

namespace {

/// posix_spawn's file actions, freed at the end of the scope.
class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    void open(int fd, const char* path, int flags) {
        posix_spawn_file_actions_addopen(&actions_, fd, path, flags, 0);
    }
    void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

/// posix_spawn's attributes: the child starts with no signal blocked or ignored.
class Attributes {
public:
    explicit Attributes(bool new_session) {
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        sigset_t all;
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        if (new_session) flags |= POSIX_SPAWN_SETSID;
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

    [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

/// For exec: pointers into `words`, and a null pointer at the end.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

void connect(FileActions& actions, const ChildSetup& setup) {
    if (!setup.terminal.empty()) {
        // The first terminal that the leader of a new session opens becomes its controlling terminal
        // (tty(4)).
        actions.open(STDIN_FILENO, setup.terminal.c_str(), O_RDWR);
        actions.duplicate(STDIN_FILENO, STDOUT_FILENO);
        actions.duplicate(STDIN_FILENO, STDERR_FILENO);
        return;
    }
    const auto give = [&](int fd, int as) {
        if (fd < 0)
            actions.open(as, "/dev/null", O_WRONLY);
        else
            actions.duplicate(fd, as);
    };
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);
    give(setup.output, STDOUT_FILENO);
    give(setup.errors, STDERR_FILENO);
}

/// Whether the child of the pidfd `end` ends within `timeout`.
bool ends_within(int end, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd waiting{.fd = end, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) return true;
        if (ready == 0) return false;
        if (errno != EINTR) return false;
    }
}

}  // namespace

Expected<RunningChild> RunningChild::start(const ChildSetup& setup) {
    FileActions actions;
    connect(actions, setup);
    const Attributes attributes(!setup.terminal.empty());
    auto words = setup.argv;
    auto variables = setup.environment;
    const auto argv = pointers_to(words);
    const auto given_environment = pointers_to(variables);
    char* const* environment = variables.empty() ? environ : given_environment.data();

    pid_t pid = -1;
    const int failure =
        ::posix_spawnp(&pid, argv.front(), actions.get(), attributes.get(), argv.data(), environment);
    if (failure != 0) {
        auto what = "cannot run " + setup.argv.front();
        if (!setup.terminal.empty()) what += " on " + setup.terminal.native();
        return fail_errno(ErrorKind::internal, what, failure);
    }
    // The child is not reaped yet, so no other process can have its number.
    UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int reason = errno;
    RunningChild child(pid, std::move(end), setup.stop_signal, setup.stop_timeout);
    if (!child.end_) return fail_errno(ErrorKind::internal, "pidfd_open", reason);
    return child;
}

RunningChild::RunningChild(RunningChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      end_(std::move(other.end_)),
      stop_signal_(other.stop_signal_),
      stop_timeout_(other.stop_timeout_),
      status_(other.status_) {}

RunningChild& RunningChild::operator=(RunningChild&& other) noexcept {
    if (this == &other) return *this;
    stop();
    pid_ = std::exchange(other.pid_, -1);
    end_ = std::move(other.end_);
    stop_signal_ = other.stop_signal_;
    stop_timeout_ = other.stop_timeout_;
    status_ = other.status_;
    return *this;
}

int RunningChild::reap() {
    if (pid_ <= 0) return status_;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

void RunningChild::stop() {
    if (pid_ <= 0) return;
    ::kill(pid_, stop_signal_);
    if (!end_ || !ends_within(end_.get(), stop_timeout_)) ::kill(pid_, SIGKILL);
    (void)reap();
}

}  // namespace mox
