#include "cli/question.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/text.hpp"

namespace mox::cli {

namespace {

/// The reason of an error: the user has not confirmed (exit_not_confirmed). No mode has it otherwise.
constexpr int not_confirmed = ECANCELED;

/// How often the wait for an answer looks for a signal, which is noticed on another thread.
constexpr std::chrono::milliseconds signal_interval{200};

constexpr std::size_t longest_answer = 4096;

std::unexpected<Error> refuse(std::string message, Hint hint = {}) {
    return std::unexpected(
        Error(ErrorKind::internal, std::move(message), not_confirmed).with_hint(std::move(hint)));
}

/// Waits until the standard input can be read. Errors: a signal requests a stop.
Expected<void> wait_for_input() {
    for (;;) {
        TRY(fail_if_stopped());
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&input, 1, static_cast<int>(signal_interval.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return fail_errno(ErrorKind::internal, "standard input");
    }
}

/// One line of the standard input; the rest of it stays there. Shorter at the end of the input.
Expected<std::string> read_line() {
    std::string line;
    while (line.size() < longest_answer) {
        TRY(wait_for_input());
        std::array<char, 1> letter{};
        const ssize_t got = ::read(STDIN_FILENO, letter.data(), letter.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || letter[0] == '\n') return line;
        line += letter[0];
    }
    return line;
}

}  // namespace

Expected<void> require_terminal(std::string_view consequence) {
    if (::isatty(STDIN_FILENO) == 1) return {};
    return refuse(std::string(consequence), {"confirm it with --yes"});
}

Expected<void> ask_for_yes(console::Console& console) {
    console.unpin();
    TRY(write_all(STDERR_FILENO, "type yes to continue: ", "standard error", ErrorKind::internal));
    const auto answer = TRY(read_line());
    if (trimmed(answer) == "yes") return {};
    return refuse("not confirmed; nothing was done");
}

bool is_not_confirmed(const Error& error) {
    return error.kind() == ErrorKind::internal && error.reason() == not_confirmed;
}

}  // namespace mox::cli
