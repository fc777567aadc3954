#pragma once

#include <spawn.h>

#include <csignal>
#include <string>
#include <vector>

namespace mox {

/// posix_spawn's file actions, freed at the end of the scope.
class FileActions {
public:
    FileActions() { posix_spawn_file_actions_init(&actions_); }
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    /// `fd` of the child is `path`, opened with `flags` as for open(2).
    void open(int fd, const char* path, int flags) {
        posix_spawn_file_actions_addopen(&actions_, fd, path, flags, 0);
    }
    /// `to` of the child is `from`.
    void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

/// posix_spawn's attributes, freed at the end of the scope. The child starts with no signal blocked.
class SpawnAttributes {
public:
    /// The signals of `usual` get their default action. `flags`: POSIX_SPAWN_SETSID, POSIX_SPAWN_SETPGROUP (a
    /// group of its own), or 0.
    explicit SpawnAttributes(const sigset_t& usual, int flags = 0);
    ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

/// For exec: pointers into `words`, and a null pointer at the end. Valid as long as `words` is not changed.
[[nodiscard]] std::vector<char*> pointers_to(std::vector<std::string>& words);

}  // namespace mox
