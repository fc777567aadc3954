#include "cli/schnapps/remote/password_question.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.hpp"
#include "base/interruption.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr auto kind = ErrorKind::network;

/// The terminal does not show what is typed. The destructor shows it again.
class Silence {
public:
    explicit Silence(int terminal) : terminal_(terminal) {
        is_silent_ = ::tcgetattr(terminal_, &before_) == 0;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        is_silent_ = is_silent_ && ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() {
        if (is_silent_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    [[nodiscard]] bool is_silent() const { return is_silent_; }

private:
    int terminal_;
    termios before_{};
    bool is_silent_ = false;
};

}  // namespace

Expected<std::optional<std::string>> ask_for_password(const std::string& question) {
    if (::isatty(STDIN_FILENO) != 1) return std::nullopt;
    // A signal must not leave the terminal silent: it is a request until the answer is there.
    const Interruption interruption;
    const Silence silence(STDIN_FILENO);
    if (!silence.is_silent()) return fail_errno(kind, "the terminal cannot be used for a password");
    TRY(write_all(STDERR_FILENO, question, "the terminal", kind));
    std::string answer;
    while (!answer.ends_with('\n')) {
        TRY(fail_if_stopped());
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        constexpr int until_a_signal_is_seen = 100;
        if (::poll(&input, 1, until_a_signal_is_seen) == 0) continue;
        char letter = 0;
        const auto count = ::read(STDIN_FILENO, &letter, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        answer += letter;
    }
    if (answer.ends_with('\n')) answer.pop_back();
    if (answer.empty()) return fail(kind, "no password was given");
    return answer;
}

}  // namespace mox::cli::schnapps
