#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/hooks.hpp"
#include "snapshots/top_level.hpp"

namespace mox::cli::schnapps {

/// Options of every command.
struct GlobalOptions {
    /// `-d`: a directory on the file system, or a block device. nullopt: the running system.
    std::optional<std::filesystem::path> place{};
    bool json = false;
};

/// One call of schnapps: its file system, and its messages to the user.
class Session {
public:
    explicit Session(GlobalOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const GlobalOptions& options() const { return options_; }
    [[nodiscard]] bool json() const { return options_.json; }

    /// Sets the exit status of this call, in place of 0 or that of its error.
    void set_exit_status(int status) { exit_status_ = status; }
    [[nodiscard]] std::optional<int> exit_status() const { return exit_status_; }

    /// Prints a line for the user on standard error.
    void print(std::string_view line) const;

    /// The configuration of the system that the command works on: the running one, the root directory given
    /// with -d, or `@` on the given device. Prints warnings about invalid lines. Errors (`snapshot`).
    [[nodiscard]] Expected<snapshots::Configuration> configuration() const;

    /// Hooks of a rollback. None for a block device: programs of a system that does not run are not executed.
    [[nodiscard]] snapshots::HookSettings hooks() const;

    /// The root directory of the system that the command works on, as for `configuration`. `top` is only used
    /// for a block device.
    [[nodiscard]] std::filesystem::path system_root(const snapshots::TopLevel& top) const;

    /// Opens the file system. Errors: as TopLevel; (`snapshot`) not root.
    [[nodiscard]] Expected<snapshots::TopLevel> open(snapshots::Purpose purpose) const;

    /// Opens the file system, waits for its lock ("waiting for another schnapps to finish"), prints what was
    /// repaired, and calls `work` under the lock. Errors: as Writer; those of `work`.
    using Work = std::function<Expected<std::string>(const snapshots::Writer&)>;
    [[nodiscard]] Expected<std::string> change(const Work& work) const;

    /// Takes the lock of an open file system, for work that needs the lock only for a part of its time.
    /// `limit`: how long to wait for the lock; nullopt: no limit.
    [[nodiscard]] Expected<snapshots::Writer> begin(
        const snapshots::TopLevel& top, std::optional<std::chrono::milliseconds> limit = std::nullopt) const;

    /// An error about the full file system with numbers about the free space and a hint what to do; any other
    /// error unchanged.
    [[nodiscard]] Error with_space_hint(Error error) const;

    /// For commands that take the current system, which is `@`. Errors (`snapshot`): the directory of -d
    /// shows a snapshot in its place, such as the state before a rollback. The running system may be one
    /// until the reboot: then a warning is printed, because scripts go on.
    [[nodiscard]] Expected<void> require_current(const snapshots::TopLevel& top) const;

    /// As require_current, but only warns: for commands that have another result than their user expects.
    void warn_if_not_current(const snapshots::TopLevel& top) const;

private:
    [[nodiscard]] Expected<std::filesystem::path> place() const;
    [[nodiscard]] Expected<void> check_current(const snapshots::TopLevel& top) const;

    GlobalOptions options_;
    std::optional<int> exit_status_;
};

}  // namespace mox::cli::schnapps
