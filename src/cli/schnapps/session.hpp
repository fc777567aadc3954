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

/// What stands before and after every command.
struct GlobalOptions {
    /// `-d`: a directory on the file system, or a block device. None: the running system.
    std::optional<std::filesystem::path> place{};
    bool json = false;
};

/// One call of schnapps: which file system it is about, and how it talks to the person.
class Session {
public:
    explicit Session(GlobalOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const GlobalOptions& options() const { return options_; }
    [[nodiscard]] bool json() const { return options_.json; }

    /// A line for the person, on standard error.
    void say(std::string_view line) const;

    /// The configuration of the system that the command is about: of the running one, of the root directory
    /// given with -d, or of `@` on the given device. What is not understood in it is told.
    /// Errors (`snapshot`).
    [[nodiscard]] Expected<snapshots::Configuration> configuration() const;

    /// Hooks of rollback. None for a block device: the programs of a card that is not the running system are
    /// not executed.
    [[nodiscard]] snapshots::HookSettings hooks() const;

    /// A file below /etc of the system that the command is about, as `configuration` finds it. `top` is only
    /// used for a block device.
    [[nodiscard]] std::filesystem::path system_root(const snapshots::TopLevel& top) const;

    /// Opens the file system. Errors: as TopLevel; (`snapshot`) not root.
    [[nodiscard]] Expected<snapshots::TopLevel> open(snapshots::Purpose purpose) const;

    /// Opens the file system, waits for its lock ("waiting for another schnapps to finish"), tells what was
    /// repaired, and does `work` under the lock. Errors: as Writer; those of `work`.
    using Work = std::function<Expected<std::string>(const snapshots::Writer&)>;
    [[nodiscard]] Expected<std::string> change(const Work& work) const;

    /// The same on a file system that is open already, for work that needs the lock for a part of its time.
    /// `limit`: how long to wait for the lock; none: for as long as it takes.
    [[nodiscard]] Expected<snapshots::Writer> begin(
        const snapshots::TopLevel& top, std::optional<std::chrono::milliseconds> limit = std::nullopt) const;

    /// An error about the full file system together with what is full and what to do; any other one as it is.
    [[nodiscard]] Error with_space_hint(Error error) const;

private:
    [[nodiscard]] Expected<std::filesystem::path> place() const;

    GlobalOptions options_;
};

}  // namespace mox::cli::schnapps
