#include "backup/encryption.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"

namespace mox::backup {

namespace {

/// The descriptor on which gpg reads the password: the first behind the standard ones.
constexpr int password_descriptor = 3;
/// Below this nothing may lie that a descriptor of the child replaces.
constexpr int first_safe_descriptor = 10;

constexpr Bytes longest_message{16 << 10};

Expected<UniqueFd> above_standard(int fd) {
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, first_safe_descriptor));
    if (!copy) return fail_errno(ErrorKind::internal, "gpg");
    return copy;
}

/// A pipe that holds the password, and ends behind it.
Expected<UniqueFd> password_pipe(std::string_view password) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(ErrorKind::internal, "pipe");
    const UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    auto written = write_all(writing.get(), std::string(password) + "\n", "pipe", ErrorKind::internal);
    if (!written) return pass_on(written);
    return above_standard(reading.get());
}

Expected<std::filesystem::path> make_home() {
    std::error_code trouble;
    auto pattern = (std::filesystem::temp_directory_path(trouble) / "schnapps-gpg-XXXXXX").native();
    if (::mkdtemp(pattern.data()) == nullptr) return fail_errno(ErrorKind::internal, pattern);
    return std::filesystem::path(pattern);
}

std::vector<std::string> arguments(Gpg::Direction direction, const std::filesystem::path& home) {
    std::vector<std::string> argv{"gpg",       "--batch",         "--quiet",
                                  "--no-tty",  "--no-options",    "--no-symkey-cache",
                                  "--homedir", home.native(),     "--pinentry-mode",
                                  "loopback",  "--passphrase-fd", std::to_string(password_descriptor)};
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

Gpg::Gpg(pid_t pid, std::filesystem::path home, UniqueFd messages)
    : pid_(pid), home_(std::move(home)), messages_(std::move(messages)) {}

Gpg::Gpg(Gpg&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      home_(std::exchange(other.home_, {})),
      messages_(std::move(other.messages_)) {}

Gpg::~Gpg() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        [[maybe_unused]] const auto killed = wait();
    }
    std::error_code ignored;  // a temporary folder
    if (!home_.empty()) std::filesystem::remove_all(home_, ignored);
}

Expected<Gpg> Gpg::start(Direction direction, int input, int output, std::string_view password) {
    auto from = above_standard(input);
    if (!from) return pass_on(from);
    auto to = above_standard(output);
    if (!to) return pass_on(to);
    auto secret = password_pipe(password);
    if (!secret) return pass_on(secret);
    const UniqueFd memory(::memfd_create("gpg messages", MFD_CLOEXEC));
    if (!memory) return fail_errno(ErrorKind::internal, "gpg");
    auto messages = above_standard(memory.get());
    if (!messages) return pass_on(messages);
    auto home = make_home();
    if (!home) return pass_on(home);

    SpawnPlan plan;
    plan.give(*from, STDIN_FILENO);
    plan.give(*to, STDOUT_FILENO);
    plan.give(*messages, STDERR_FILENO);
    plan.give(*secret, password_descriptor);
    auto argv = arguments(direction, *home);
    Gpg gpg(-1, std::move(*home), std::move(*messages));
    auto pid = plan.run(std::move(argv));
    if (!pid) return pass_on(pid);
    gpg.pid_ = *pid;
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

}  // namespace mox::backup
