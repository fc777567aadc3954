#include "support/running_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/loop_image.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

[[noreturn]] void fail_with_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// In the child: becomes the program, with all signals as usual, however this test was started. System calls
/// only, but for execvp.
[[noreturn]] void become(char** argv) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(signal, SIG_DFL);
    ::execvp(argv[0], argv);
    ::_exit(127);
}

}  // namespace

RunningProgram::RunningProgram(std::vector<std::string> argv, Connection connection,
                               const fs::path& folder_of_programs) {
    if (!folder_of_programs.empty())
        argv.insert(argv.begin(), {"env", "PATH=" + folder_of_programs.native() + ":" + std::getenv("PATH")});
    std::vector<char*> pointers;
    pointers.reserve(argv.size() + 1);
    for (auto& word : argv) pointers.push_back(word.data());
    pointers.push_back(nullptr);

    if (connection == Connection::terminal) {
        int keyboard = -1;
        pid_ = ::forkpty(&keyboard, nullptr, nullptr, nullptr);
        if (pid_ < 0) fail_with_errno("forkpty");
        if (pid_ == 0) become(pointers.data());
        output_.reset(keyboard);
        return;
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_with_errno("pipe");
    output_.reset(ends[0]);
    const UniqueFd theirs(ends[1]);
    pid_ = ::fork();
    if (pid_ < 0) fail_with_errno("fork");
    if (pid_ == 0) {
        ::setpgid(0, 0);
        ::dup2(theirs.get(), STDOUT_FILENO);
        ::dup2(theirs.get(), STDERR_FILENO);
        become(pointers.data());
    }
    ::setpgid(pid_, pid_);  // whichever of the two is first
}

RunningProgram::~RunningProgram() {
    if (pid_ <= 0) return;
    send_to_group(SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool RunningProgram::read_some(steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0) throw std::runtime_error("the program has not said enough:\n" + text_);
    pollfd waiting{.fd = output_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(left)) <= 0) return true;
    std::array<char, 4096> block{};
    const ssize_t got = ::read(output_.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;  // the end of a pipe; EIO of a terminal that nobody has open
    text_.append(block.data(), static_cast<std::size_t>(got));
    return true;
}

void RunningProgram::wait_for(const std::string& text) {
    const auto deadline = steady_clock::now() + 60s;
    while (!text_.contains(text))
        if (!read_some(deadline))
            throw std::runtime_error("the program has not said " + text + ":\n" + text_);
}

void RunningProgram::type(std::string_view text) const {
    if (::write(output_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        fail_with_errno("the program's terminal");
}

void RunningProgram::send_to_group(int signal) const {
    if (pid_ <= 0) throw std::logic_error("the program has ended");  // -(-1) is process 1
    ::kill(-pid_, signal);
}

int RunningProgram::wait() {
    const auto deadline = steady_clock::now() + 120s;
    while (output_ && read_some(deadline)) {
    }
    int status = 0;
    for (pid_t ended = 0; ended == 0; std::this_thread::sleep_for(10ms)) {
        ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended < 0 && errno != EINTR) fail_with_errno("waitpid");
        if (steady_clock::now() > deadline) throw std::runtime_error("the program does not end:\n" + text_);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

HeldUpProgram::HeldUpProgram(const fs::path& folder, const fs::path& script, const std::string& then)
    : arrived_(folder / "arrived"), released_(folder / "released") {
    fs::create_directories(folder);
    fs::create_directories(script.parent_path());
    write(script, then);
}

HeldUpProgram::HeldUpProgram(const fs::path& folder, const fs::path& script)
    : HeldUpProgram(folder, script, "exit 0") {}

HeldUpProgram HeldUpProgram::before(const fs::path& folder, const std::string& name) {
    // Ours is the first in PATH, so the real one is looked for in the usual places.
    return {folder, folder / name, "PATH=/usr/sbin:/usr/bin:/sbin:/bin exec " + name + " \"$@\""};
}

void HeldUpProgram::write(const fs::path& script, const std::string& then) const {
    for (const auto& fifo : {arrived_, released_})
        if (::mkfifo(fifo.c_str(), 0600) != 0) fail_with_errno(fifo.c_str());
    write_file(script, "#!/bin/sh\necho > '" + arrived_.native() + "'\nread line < '" + released_.native() +
                           "'\n" + then + "\n");
    fs::permissions(script, fs::perms::owner_all);
}

void HeldUpProgram::wait_until_it_waits() const {
    const UniqueFd fifo(::open(arrived_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    pollfd waiting{.fd = fifo.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 60'000) <= 0) throw std::runtime_error(arrived_.native() + ": nobody comes");
}

void HeldUpProgram::go_on() const {
    const UniqueFd fifo(::open(released_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fifo || ::write(fifo.get(), "\n", 1) != 1) fail_with_errno(released_.c_str());
}

}  // namespace mox::test_support
