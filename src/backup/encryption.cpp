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
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "config/shell_lines.hpp"

namespace mox::backup {

namespace {

/// The descriptor on which gpg reads the password: the first behind the standard ones.
constexpr int password_descriptor = 3;
/// Where it writes its status lines.
constexpr int status_descriptor = 4;
/// Below this nothing may lie that a descriptor of the child replaces.
constexpr int first_safe_descriptor = 10;

constexpr Bytes longest_message{16 << 10};
constexpr Bytes longest_status{64 << 10};

Expected<UniqueFd> above_standard(int fd) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, first_safe_descriptor));
    if (!copy) return fail_errno(ErrorKind::internal, "gpg");
    return copy;
}

Expected<UniqueFd> file_in_memory() {
    const UniqueFd memory(::memfd_create("gpg", MFD_CLOEXEC));
    if (!memory) return fail_errno(ErrorKind::internal, "gpg");
    return above_standard(memory.get());
}

/// A pipe that holds the password, and ends behind it.
Expected<UniqueFd> password_pipe(std::string_view password) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    const UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    TRY(write_all(writing.get(), std::string(password) + "\n", "pipe", ErrorKind::internal));
    return above_standard(reading.get());
}

Expected<std::filesystem::path> make_home() {
    std::error_code trouble;
    auto pattern = (std::filesystem::temp_directory_path(trouble) / "schnapps-gpg-XXXXXX").native();
    if (::mkdtemp(pattern.data()) == nullptr) return fail_errno(ErrorKind::internal, pattern);
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

/// posix_spawn's two parameter blocks, freed at the end of the scope.
class SpawnPlan {
public:
    SpawnPlan() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    void give(const UniqueFd& from, int to) { posix_spawn_file_actions_adddup2(&actions_, from.get(), to); }

    Expected<pid_t> run(std::vector<std::string> words) const {
        std::vector<char*> argv;
        argv.reserve(words.size() + 1);
        for (auto& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        pid_t pid = -1;
        const int failure = ::posix_spawnp(&pid, argv.front(), &actions_, &attributes_, argv.data(), environ);
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
    std::error_code ignored;  // a temporary folder
    if (!home_.empty()) std::filesystem::remove_all(home_, ignored);
}

Expected<Gpg> Gpg::start(Direction direction, int input, int output, std::string_view password) {
    auto from = TRY(above_standard(input));
    auto to = TRY(above_standard(output));
    auto secret = TRY(password_pipe(password));
    auto messages = TRY(file_in_memory());
    auto status = TRY(file_in_memory());
    auto home = TRY(make_home());

    SpawnPlan plan;
    plan.give(from, STDIN_FILENO);
    plan.give(to, STDOUT_FILENO);
    plan.give(messages, STDERR_FILENO);
    plan.give(secret, password_descriptor);
    plan.give(status, status_descriptor);
    auto argv = arguments(direction, home);
    Gpg gpg(-1, std::move(home), std::move(messages), std::move(status));
    auto pid = TRY(plan.run(std::move(argv)));
    gpg.pid_ = pid;
    return gpg;
}

Expected<void> Gpg::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    std::string said;
    if (::lseek(messages_.get(), 0, SEEK_SET) == 0)
        said = read_to_end(messages_.get(), "gpg", ErrorKind::internal, longest_message).value_or("");
    while (said.ends_with('\n')) said.pop_back();
    return fail(ErrorKind::medkit, "gpg failed: " + said);
}

Expected<std::string> Gpg::status_lines() const {
    if (::lseek(status_.get(), 0, SEEK_SET) != 0) return fail_errno(ErrorKind::internal, "gpg");
    return read_to_end(status_.get(), "gpg's status", ErrorKind::internal, longest_status);
}

namespace {

/// Everything that comes out of a pipe, as long as it is not too much.
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
                        "more than " + to_text(largest) +
                            " comes out of it, which is too much for a file of this size or for "
                            "the card: it is no export");
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
    // What the status tells is the better reason; gpg fails with a password of another length in the same
    // words.
    if (auto checked = check_decryption(status); !checked)
        return ended ? checked : pass_on(ended, checked.error().message());
    return ended;
}

namespace {

constexpr std::string_view line_start = "[GNUPG:] ";

/// What the lines have told until now.
struct Told {
    int begun = 0;       ///< BEGIN_DECRYPTION
    int ended = 0;       ///< END_DECRYPTION
    int decrypted = 0;   ///< DECRYPTION_OKAY
    int plaintexts = 0;  ///< PLAINTEXT: contents that were written out
    int outside = 0;     ///< ... that came from no encrypted message
    bool failed = false;
    bool is_protected = false;
    bool is_unprotected = false;
};

/// The first word of `text`, which loses it.
std::string_view take_word(std::string_view& text) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    return word;
}

bool is_used(std::string_view algorithm) {
    return !algorithm.empty() && algorithm != "0";
}

/// "DECRYPTION_INFO <mdc method> <cipher> [<AEAD algorithm>]"; 0: none. That an MDC was right is told by
/// GOODMDC. An AEAD cipher protects by itself, and a wrong tag is a failed decryption.
void take_information(Told& told, std::string_view rest) {
    const auto mdc = take_word(rest);
    take_word(rest);
    const auto aead = take_word(rest);
    if (is_used(aead))
        told.is_protected = true;
    else if (!is_used(mdc))
        told.is_unprotected = true;
}

void take(Told& told, std::string_view keyword, std::string_view rest) {
    if (keyword == "BEGIN_DECRYPTION") ++told.begun;
    if (keyword == "END_DECRYPTION") ++told.ended;
    if (keyword == "DECRYPTION_OKAY") ++told.decrypted;
    if (keyword == "PLAINTEXT") ++(told.begun == told.ended + 1 ? told.plaintexts : told.outside);
    if (keyword == "GOODMDC") told.is_protected = true;
    if (keyword == "DECRYPTION_INFO") take_information(told, rest);
    if (keyword == "DECRYPTION_FAILED" || keyword == "BADMDC") told.failed = true;
}

}  // namespace

Expected<void> check_decryption(std::string_view status_lines) {
    Told told;
    for (auto line : config::lines_of(status_lines)) {
        if (!line.starts_with(line_start)) continue;
        line.remove_prefix(line_start.size());
        const auto keyword = take_word(line);
        take(told, keyword, line);
    }
    if (told.begun == 0)
        return fail(ErrorKind::medkit,
                    "it is not encrypted; take the export itself, or encrypt it with gpg -c");
    const bool is_decrypted = !told.failed && told.decrypted > 0;
    if (!is_decrypted && !told.is_unprotected)
        return fail(ErrorKind::medkit, "it cannot be decrypted: another password, or a damaged file");
    if (told.is_unprotected || !told.is_protected)
        return fail(ErrorKind::medkit,
                    "it has no integrity protection, so anything could be in it; encrypt it anew");
    const bool is_one = told.begun == 1 && told.ended == 1 && told.decrypted == 1 && told.plaintexts == 1;
    if (!is_one || told.outside > 0)
        return fail(ErrorKind::medkit,
                    "it is not one encrypted message, but several or something besides one");
    return {};
}

}  // namespace mox::backup
