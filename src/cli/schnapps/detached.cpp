#include "cli/schnapps/detached.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace mox::cli::schnapps {

namespace {

constexpr const char* this_program = "/proc/self/exe";

/// posix_spawn's attributes and file actions, freed at the end of the scope.
class Detachment {
public:
    Detachment() {
        posix_spawnattr_init(&attributes_);
        posix_spawn_file_actions_init(&actions_);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
        sigset_t none;
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setflags(&attributes_,
                                 static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK));
    }
    ~Detachment() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    Detachment(const Detachment&) = delete;
    Detachment& operator=(const Detachment&) = delete;

    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }
    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }

private:
    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t actions_{};
};

}  // namespace

Expected<pid_t> start_detached(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{"schnapps"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const Detachment detachment;
    pid_t pid = -1;
    const int failure = ::posix_spawn(&pid, this_program, detachment.actions(), detachment.attributes(),
                                      argv.data(), environ);
    if (failure != 0)
        return fail_errno(ErrorKind::internal, "the process that waits cannot be started", failure);
    return pid;
}

void sleep_on_boot_clock(std::chrono::seconds duration) {
    timespec until{};
    static_cast<void>(::clock_gettime(CLOCK_BOOTTIME, &until));  // every kernel since 2.6.39 has this clock
    until.tv_sec += duration.count();
    while (::clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
}

}  // namespace mox::cli::schnapps
