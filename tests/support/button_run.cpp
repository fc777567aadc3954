#include "support/button_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace mox::test_support {

namespace {

using std::chrono::steady_clock;

/// In the new process: becomes the program, if it is alone in its namespace.
[[noreturn]] void become(const std::vector<std::string>& words, int log) {
    // Outside of a namespace a reset would be the computer's.
    if (::getpid() != 1) ::_exit(99);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(log, STDERR_FILENO);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(98);
}

int milliseconds_until(steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

std::filesystem::path proc_of(pid_t pid) {
    return std::filesystem::path("/proc") / std::to_string(pid);
}

}  // namespace

ButtonRun::ButtonRun(const std::filesystem::path& program, const std::filesystem::path& root,
                     const std::vector<std::string>& more) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    reading_.reset(ends[0]);
    const UniqueFd writing(ends[1]);
    std::vector<std::string> words{program, "--root", root};
    words.insert(words.end(), more.begin(), more.end());
    pid_ = static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, 0L));
    if (pid_ == 0) become(words, writing.get());
    if (pid_ < 0) throw std::runtime_error("no PID namespace: this test needs root");
}

void ButtonRun::fill_log() const {
    const UniqueFd log(::open((proc_of(pid_) / "fd/2").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!log) throw std::runtime_error("the log cannot be opened");
    const std::string page(4096, '\n');
    while (::write(log.get(), page.data(), page.size()) > 0) continue;
}

ButtonRun::~ButtonRun() {
    if (end_) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool ButtonRun::read_more(steady_clock::time_point deadline) {
    if (!reading_) return false;
    pollfd state{.fd = reading_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&state, 1, milliseconds_until(deadline)) <= 0) return false;
    std::array<char, 65536> block{};
    const ssize_t got = ::read(reading_.get(), block.data(), block.size());
    if (got <= 0) return false;
    log_.append(block.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<std::string> ButtonRun::wait_for(const std::string& words, std::chrono::milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    for (;;) {
        for (auto end = log_.find('\n', taken_); end != std::string::npos; end = log_.find('\n', taken_)) {
            auto line = log_.substr(taken_, end - taken_);
            taken_ = end + 1;
            if (line.find(words) != std::string::npos) return line;
        }
        if (!read_more(deadline)) return std::nullopt;
    }
}

void ButtonRun::signal(int number) const {
    ::kill(pid_, number);
}

bool ButtonRun::is_running() {
    int status = 0;
    if (!end_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
        const bool reset = WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP;
        const int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        end_ = ButtonEnd{.reset = reset, .exit_status = reset ? 0 : exit_status};
    }
    return !end_;
}

ButtonEnd ButtonRun::wait_for_end(std::chrono::milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    // Its end closes the pipe.
    while (read_more(deadline)) {
    }
    while (is_running()) {
        if (steady_clock::now() >= deadline) throw std::runtime_error("mox-button did not end:\n" + log_);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return *end_;
}

long ButtonRun::status(const std::string& name) const {
    std::ifstream file(proc_of(pid_) / "status");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    throw std::runtime_error("/proc/PID/status has no " + name);
}

std::chrono::nanoseconds ButtonRun::processor_time() const {
    std::ifstream file(proc_of(pid_) / "schedstat");
    std::int64_t nanoseconds = 0;
    if (!(file >> nanoseconds)) throw std::runtime_error("/proc/PID/schedstat cannot be read");
    return std::chrono::nanoseconds(nanoseconds);
}

std::size_t ButtonRun::open_files() const {
    const std::filesystem::directory_iterator files(proc_of(pid_) / "fd");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

bool ButtonRun::waits_without_limit() const {
    // proc(5): the number of the system call in which the process sleeps, and its arguments; "running" when
    // it does not sleep. The third argument of ppoll is its time limit.
    std::ifstream file(proc_of(pid_) / "syscall");
    std::string call, descriptors, count, limit;
    file >> call >> descriptors >> count >> limit;
    return call == std::to_string(SYS_ppoll) && limit == "0x0";
}

void ButtonRun::wait_until_idle() const {
    const auto deadline = steady_clock::now() + std::chrono::seconds(10);
    // Asleep, twice in a row without having been awake in between.
    for (long before = -1;;) {
        const long switches = status("voluntary_ctxt_switches");
        const bool waits = waits_without_limit();
        if (waits && switches == before) return;
        before = waits ? switches : -1;
        if (steady_clock::now() >= deadline) throw std::runtime_error("mox-button does not come to rest");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace mox::test_support
