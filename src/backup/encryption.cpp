#include "backup/encryption.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/posix_spawn.hpp"
#include "base/text.hpp"
#include "config/shell_lines.hpp"

namespace mox::backup {

namespace {

/// The descriptor from which gpg reads the password: the first one after the standard ones.
constexpr int password_descriptor = 3;
/// The descriptor to which gpg writes its status lines.
constexpr int status_descriptor = 4;
/// Our descriptors must have this number or a higher one, so that dup2 in the child does not replace them.
constexpr int first_safe_descriptor = 10;

constexpr Bytes longest_message{16 << 10};
constexpr Bytes longest_status{64 << 10};

Expected<UniqueFd> above_child_descriptors(int fd) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, first_safe_descriptor));
    if (!copy) return fail_errno(ErrorKind::internal, "gpg");
    return copy;
}

Expected<UniqueFd> file_in_memory() {
    const UniqueFd memory(::memfd_create("gpg", MFD_CLOEXEC));
    if (!memory) return fail_errno(ErrorKind::internal, "gpg");
    return above_child_descriptors(memory.get());
}

/// A pipe that holds the password; its writing end is closed.
Expected<UniqueFd> password_pipe(std::string_view password) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    const UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    TRY(write_all(writing.get(), std::string(password) + "\n", "pipe", ErrorKind::internal));
    return above_child_descriptors(reading.get());
}

Expected<std::filesystem::path> make_home() {
    std::error_code ignored;
    const auto directory = std::filesystem::temp_directory_path(ignored);
    auto pattern = (directory / "schnapps-gpg-XXXXXX").native();
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail_errno(ErrorKind::internal, directory.native() + ": no directory for gpg can be made");
    return std::filesystem::path(pattern);
}

std::vector<std::string> arguments(Gpg::Direction direction, const std::filesystem::path& home) {
    std::vector<std::string> argv{"gpg",
                                  "--batch",
                                  "--quiet",
                                  "--no-tty",
                                  "--no-options",
                                  "--no-symkey-cache",
                                  "--homedir",
                                  home.native(),
                                  "--pinentry-mode",
                                  "loopback",
                                  "--passphrase-fd",
                                  std::to_string(password_descriptor),
                                  "--status-fd",
                                  std::to_string(status_descriptor)};
    if (direction == Gpg::Direction::encrypt)
        argv.insert(argv.end(), {"--cipher-algo", "AES256", "--compress-algo", "none", "--symmetric"});
    else
        argv.emplace_back("--decrypt");
    return argv;
}

/// The environment of gpg: its messages in English, because "No space left on device" is looked for in them.
std::vector<std::string> english_environment() {
    std::vector<std::string> variables;
    for (char* const* variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (!text.starts_with("LC_ALL=") && !text.starts_with("LANGUAGE=")) variables.emplace_back(text);
    }
    variables.emplace_back("LC_ALL=C");
    return variables;
}

/// The reason (errno) of gpg's failure if it was missing space; 0: another one.
int space_reason_in(std::string_view messages) {
    for (const int reason : {ENOSPC, EDQUOT})
        if (messages.contains(::strerrordesc_np(reason))) return reason;
    return 0;
}

/// The two parameter blocks of posix_spawn; the destructor frees them.
class SpawnParameters {
public:
    SpawnParameters() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnParameters() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    SpawnParameters(const SpawnParameters&) = delete;
    SpawnParameters& operator=(const SpawnParameters&) = delete;

    void duplicate(const UniqueFd& from, int to) {
        posix_spawn_file_actions_adddup2(&actions_, from.get(), to);
    }

    Expected<pid_t> run(std::vector<std::string> words) const {
        const auto argv = pointers_to(words);
        auto variables = english_environment();
        const auto environment = pointers_to(variables);
        pid_t pid = -1;
        const int failure =
            ::posix_spawnp(&pid, argv.front(), &actions_, &attributes_, argv.data(), environment.data());
        if (failure == ENOENT)
            return fail(ErrorKind::internal, "a password is configured, but gpg is not installed");
        if (failure != 0) return fail_errno(ErrorKind::internal, "cannot run gpg", failure);
        return pid;
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}  // namespace

Gpg::Gpg(pid_t pid, std::filesystem::path home, UniqueFd messages, UniqueFd status)
    : pid_(pid), home_(std::move(home)), messages_(std::move(messages)), status_(std::move(status)) {}

Gpg::Gpg(Gpg&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      home_(std::exchange(other.home_, {})),
      messages_(std::move(other.messages_)),
      status_(std::move(other.status_)) {}

Gpg::~Gpg() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        [[maybe_unused]] const auto killed = wait();
    }
    std::error_code ignored;  // a temporary directory
    if (!home_.empty()) std::filesystem::remove_all(home_, ignored);
}

Expected<Gpg> Gpg::start(Direction direction, int input, int output, std::string_view password) {
    auto from = TRY(above_child_descriptors(input));
    auto to = TRY(above_child_descriptors(output));
    auto secret = TRY(password_pipe(password));
    auto messages = TRY(file_in_memory());
    auto status = TRY(file_in_memory());
    auto home = TRY(make_home());

    SpawnParameters parameters;
    parameters.duplicate(from, STDIN_FILENO);
    parameters.duplicate(to, STDOUT_FILENO);
    parameters.duplicate(messages, STDERR_FILENO);
    parameters.duplicate(secret, password_descriptor);
    parameters.duplicate(status, status_descriptor);
    auto argv = arguments(direction, home);
    Gpg gpg(-1, std::move(home), std::move(messages), std::move(status));
    auto pid = TRY(parameters.run(std::move(argv)));
    gpg.pid_ = pid;
    return gpg;
}

Expected<void> Gpg::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    std::string messages;
    if (::lseek(messages_.get(), 0, SEEK_SET) == 0)
        messages = read_to_end(messages_.get(), "gpg", ErrorKind::internal, longest_message).value_or("");
    while (messages.ends_with('\n')) messages.pop_back();
    const int reason = space_reason_in(messages);
    Hint hint;
    for (auto at = messages.find(home_.native()); at != std::string::npos;
         at = messages.find(home_.native())) {
        messages.replace(at, home_.native().size(), "its directory");
        if (reason != 0) hint = space_hint_at(home_.parent_path(), reason);
    }
    return std::unexpected(
        Error(ErrorKind::medkit, "gpg failed: " + messages, reason).with_hint(std::move(hint)));
}

Expected<std::string> Gpg::status_lines() const {
    if (::lseek(status_.get(), 0, SEEK_SET) != 0) return fail_errno(ErrorKind::internal, "gpg");
    return read_to_end(status_.get(), "gpg's status", ErrorKind::internal, longest_status);
}

namespace {

/// Copies all bytes of a pipe; an error if they are more than `largest`.
Expected<void> copy_from_pipe(int from, int to, Bytes largest) {
    std::array<char, 64 << 10> block{};
    Bytes copied;
    for (;;) {
        const ssize_t got = ::read(from, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(ErrorKind::internal, "pipe");
        if (got == 0) return {};
        const std::string_view piece(block.data(), static_cast<std::size_t>(got));
        copied += Bytes{piece.size()};
        if (copied > largest)
            return fail(ErrorKind::medkit,
                        "its decrypted content is larger than " + to_text(largest) +
                            ", which is too much for a file of this size or for the card: it is not an "
                            "export");
        TRY(write_all(to, piece, "the decrypted content", ErrorKind::card));
    }
}

}  // namespace

Expected<void> decrypt(int input, int output, std::string_view password, Bytes largest) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    auto gpg = TRY(Gpg::start(Gpg::Direction::decrypt, input, writing.get(), password));
    writing.reset();
    TRY(copy_from_pipe(reading.get(), output, largest));
    auto ended = gpg.wait();
    auto status = TRY(gpg.status_lines());
    // The status lines give the better reason; gpg's message for a password of another length is the same.
    if (auto checked = check_decryption(status); !checked)
        return ended ? checked : pass_on(ended, checked.error().message());
    return ended;
}

namespace {

constexpr std::string_view line_start = "[GNUPG:] ";

/// Counts and flags from the status lines.
struct StatusSummary {
    int begun = 0;       ///< BEGIN_DECRYPTION
    int ended = 0;       ///< END_DECRYPTION
    int decrypted = 0;   ///< DECRYPTION_OKAY
    int plaintexts = 0;  ///< PLAINTEXT: contents that were written out
    int outside = 0;     ///< PLAINTEXT outside of an encrypted message
    bool failed = false;
    bool is_protected = false;
    bool is_unprotected = false;
};

/// Removes the first word from `text` and returns it.
std::string_view take_word(std::string_view& text) {
    return take_until(text, ' ');
}

bool is_used(std::string_view algorithm) {
    return !algorithm.empty() && algorithm != "0";
}

/// Reads "DECRYPTION_INFO <mdc method> <cipher> [<AEAD algorithm>]"; 0: none. GOODMDC reports that an MDC is
/// valid. An AEAD cipher includes integrity protection; with a wrong tag decryption fails.
void read_information(StatusSummary& status, std::string_view rest) {
    const auto mdc = take_word(rest);
    take_word(rest);
    const auto aead = take_word(rest);
    if (is_used(aead))
        status.is_protected = true;
    else if (!is_used(mdc))
        status.is_unprotected = true;
}

void read_status_line(StatusSummary& status, std::string_view keyword, std::string_view rest) {
    if (keyword == "BEGIN_DECRYPTION") ++status.begun;
    if (keyword == "END_DECRYPTION") ++status.ended;
    if (keyword == "DECRYPTION_OKAY") ++status.decrypted;
    if (keyword == "PLAINTEXT") ++(status.begun == status.ended + 1 ? status.plaintexts : status.outside);
    if (keyword == "GOODMDC") status.is_protected = true;
    if (keyword == "DECRYPTION_INFO") read_information(status, rest);
    if (keyword == "DECRYPTION_FAILED" || keyword == "BADMDC") status.failed = true;
}

}  // namespace

Expected<void> check_decryption(std::string_view status_lines) {
    StatusSummary status;
    for (auto line : config::lines_of(status_lines)) {
        if (!line.starts_with(line_start)) continue;
        line.remove_prefix(line_start.size());
        const auto keyword = take_word(line);
        read_status_line(status, keyword, line);
    }
    if (status.begun == 0)
        return fail(ErrorKind::medkit, "it is not encrypted",
                    {"take the export itself, or encrypt it with gpg -c"});
    const bool is_decrypted = !status.failed && status.decrypted > 0;
    if (!is_decrypted && !status.is_unprotected)
        return fail(ErrorKind::medkit, "it cannot be decrypted: another password, or a damaged file");
    if (status.is_unprotected || !status.is_protected)
        return fail(ErrorKind::medkit, "it has no integrity protection, so its content may have been changed",
                    {"encrypt it again"});
    const bool is_one =
        status.begun == 1 && status.ended == 1 && status.decrypted == 1 && status.plaintexts == 1;
    if (!is_one || status.outside > 0)
        return fail(ErrorKind::medkit, "it is not exactly one encrypted message");
    return {};
}

}  // namespace mox::backup
