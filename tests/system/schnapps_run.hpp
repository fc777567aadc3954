#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "support/loop_image.hpp"

namespace mox::test_support {

/// How a program ended, with its two outputs apart.
struct Said {
    int status = -1;
    std::string out;  ///< data
    std::string err;  ///< messages
};

inline void PrintTo(const Said& said, std::ostream* stream) {
    *stream << "exit status " << said.status << "\n--- stdout\n" << said.out << "--- stderr\n" << said.err;
}

/// Runs a program to its end; neither output is a terminal.
inline Said run_apart(std::vector<std::string> words) {
    const UniqueFd out(::memfd_create("stdout", MFD_CLOEXEC));
    const UniqueFd err(::memfd_create("stderr", MFD_CLOEXEC));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = -1;
    const int failure = ::posix_spawnp(&pid, argv.front(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) throw std::system_error(failure, std::generic_category(), words.front());
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    const auto text = [](const UniqueFd& file) {
        if (::lseek(file.get(), 0, SEEK_SET) != 0) throw std::runtime_error("lseek");
        return must(read_to_end(file.get(), "output", ErrorKind::internal, Bytes{64ULL << 20}));
    };
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .out = text(out),
            .err = text(err)};
}

/// `schnapps -d PLACE ...`
inline Said schnapps(const std::string& place, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {SCHNAPPS_PROGRAM, "-d", place});
    return run_apart(std::move(arguments));
}

}  // namespace mox::test_support
