#include "button/spawn.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "base/file.hpp"
#include "base/posix_spawn.hpp"

namespace mox::button {

namespace {

constexpr int exit_not_found = 127;  // as in shells

/// Restores the default signal actions and mask: this program blocks its signals.
void take_usual_signals() {
    static_cast<void>(std::signal(SIGPIPE, SIG_DFL));
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Executes the program in this process. Returns only if it fails.
Expected<void> become(char* const* words) {
    take_usual_signals();
    auto null = TRY(open_file("/dev/null", O_RDONLY, ErrorKind::internal));
    if (::dup2(null.get(), STDIN_FILENO) < 0) return fail_errno(ErrorKind::internal, "standard input");
    ::execvp(words[0], words);
    return fail_errno(ErrorKind::internal, std::string("cannot run ") + words[0]);
}

}  // namespace

Expected<pid_t> spawn(std::vector<std::string> argv) {
    const auto words = pointers_to(argv);
    const pid_t pid = ::fork();
    if (pid < 0) return fail_errno(ErrorKind::internal, "cannot start a process");
    if (pid > 0) return pid;

    const auto failed = become(words.data());
    // The parent gets the exit status; the message is lost if standard error is closed.
    [[maybe_unused]] const auto told =
        write_all(STDERR_FILENO, failed.error().describe() + "\n", "standard error", ErrorKind::internal);
    ::_exit(exit_not_found);
}

}  // namespace mox::button
