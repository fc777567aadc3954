// `schnapps savepoint` and `commit`. The time of a savepoint is stored on the card (snapshots/savepoint.hpp).
// This file has the process that waits for it, rolls back and reboots: a rollback takes effect at the next
// boot.

#include <syslog.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/child_process.hpp"
#include "base/units.hpp"
#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "cli/schnapps/detached.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/root_mounts.hpp"
#include "snapshots/savepoint.hpp"

namespace mox::cli::schnapps {

namespace {

using namespace std::chrono_literals;
using snapshots::PendingSavepoint;
using snapshots::Writer;

/// The reboot program of the system returns at once and stops the services in the background.
constexpr std::chrono::seconds reboot_timeout{60};
/// A user who is locked out must not wait for another schnapps that hangs.
constexpr std::chrono::seconds lock_timeout{60};
/// A rollback that is due but fails is retried for this time; then the system is rebooted without it.
constexpr std::chrono::minutes retry_time_before_reboot{3};

/// Also writes to the system log: the waiting process has no terminal.
void log_line(const Session& session, int priority, const std::string& line) {
    session.print(line);
    ::syslog(priority, "%s", line.c_str());
}

std::vector<std::string> arguments_of_waiter(const Savepoint& command, const Session& session) {
    std::vector<std::string> arguments;
    if (const auto& place = session.options().place) arguments = {"-d", place->native()};
    arguments.insert(arguments.end(), {"savepoint", "--resume"});
    if (command.afterwards == AfterRollback::stay) arguments.emplace_back("--no-reboot");
    return arguments;
}

/// Reads the pending savepoint, and unmounts the file system again, so that it is not in use during the wait.
Expected<std::optional<PendingSavepoint>> read_pending(const Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::read));
    return snapshots::pending_savepoint(top);
}

/// Sleeps after a failed try: first 5 s, then twice as long each time, 60 s at most.
class RetryDelay {
public:
    void wait() {
        sleep_on_boot_clock(next_);
        next_ = std::min(next_ * 2, longest);
    }

private:
    static constexpr std::chrono::seconds longest{60};
    std::chrono::seconds next_{5};
};

enum class WaitResult { due, nothing_pending };

/// Waits until the pending savepoint is due; it may be committed or replaced meanwhile. Errors: the first
/// read fails. Later errors are retried: the user may be locked out.
Expected<WaitResult> wait_until_due(const Session& session) {
    RetryDelay retry_delay;
    for (bool is_first = true;; is_first = false) {
        auto pending = read_pending(session);
        if (!pending && is_first) return pass_on(pending);
        if (!pending) {
            log_line(session, LOG_ERR, "savepoint: " + pending.error().describe());
            retry_delay.wait();
            continue;
        }
        if (!*pending) return WaitResult::nothing_pending;
        auto now = TRY(snapshots::boot_time_now());
        const auto left = snapshots::time_left(**pending, now);
        if (left <= 0s) return WaitResult::due;
        sleep_on_boot_clock(left);
    }
}

using RolledBack = std::optional<snapshots::RollbackResult>;

Expected<RolledBack> roll_back_now(const Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto writer = TRY(session.begin(top, lock_timeout));
    auto now = TRY(snapshots::boot_time_now());
    auto result =
        TRY(snapshots::roll_back_if_due(writer, now, session.hooks(), [&session](const std::string& line) {
            log_line(session, LOG_WARNING, "savepoint: " + line);
        }));
    if (!result) return result;
    for (const auto& line : snapshots::renew_root_mounts(top, *result).lines)
        log_line(session, LOG_WARNING, line);
    return result;
}

/// Only a rollback of the running system leads to a reboot, not that of another file system (-d).
bool may_reboot(AfterRollback afterwards, const Session& session) {
    return afterwards == AfterRollback::reboot && !session.options().place;
}

/// Reboots with the system's own program, or without it when it cannot be started or does not return: no user
/// may be there to unplug the router.
Expected<void> reboot(const Session& session, std::string_view reason) {
    log_line(session, LOG_NOTICE, "rebooting, " + std::string(reason));
    auto asked = run_child_successfully({"reboot"}, reboot_timeout, ErrorKind::internal);
    if (asked) return {};
    log_line(session, LOG_ERR, asked.error().describe() + "; rebooting without it");
    return boot::reboot_now(board::sysrq_trigger("/"));
}

/// Whether this is the boot in which the savepoint was made. If not, an earlier reboot has not helped.
bool was_started_in_this_boot(const Session& session) {
    const auto pending = read_pending(session);
    const auto now = snapshots::boot_time_now();
    return pending && *pending && now && (*pending)->started.boot_id == now->boot_id;
}

/// Tries to roll back until it works, or no rollback is due any more (nullopt). If the rollback fails for
/// minutes, the system is rebooted once without it: that may repair the card (if it was remounted read-only),
/// or the user's access (if the changed firewall rules are not permanent).
Expected<RolledBack> roll_back_with_retries(AfterRollback afterwards, const Session& session) {
    const auto begin = Clock::now();
    RetryDelay retry_delay;
    for (bool has_rebooted = false;;) {
        auto result = roll_back_now(session);
        if (result) return result;
        log_line(session, LOG_ERR, "savepoint: trying again: " + result.error().describe());
        const bool has_tried_enough = Clock::now() - begin >= retry_time_before_reboot;
        if (has_tried_enough && !has_rebooted && may_reboot(afterwards, session) &&
            was_started_in_this_boot(session)) {
            has_rebooted = true;
            if (auto done = reboot(session, "because the rollback of the savepoint fails"); !done)
                log_line(session, LOG_ERR, done.error().describe());
        }
        retry_delay.wait();
    }
}

Expected<std::string> resume(const ResumeSavepoint& command, Session& session) {
    auto waited = TRY(wait_until_due(session));
    if (waited == WaitResult::nothing_pending) {
        session.print("no savepoint is pending");
        return std::string();
    }
    auto result = TRY(roll_back_with_retries(command.afterwards, session));
    if (!result) return std::string();  // committed during the wait
    const auto target = to_text(result->target);
    log_line(session, LOG_WARNING, "no `schnapps commit` in time: rolled back to snapshot " + target);
    for (const auto& line : snapshots::lines_about_nested(*result)) log_line(session, LOG_WARNING, line);
    if (!result->postponed.empty())
        log_line(session, LOG_WARNING,
                 "the previous state is kept, but is not a snapshot yet: " + result->postponed);
    if (may_reboot(command.afterwards, session)) TRY(reboot(session, "so that the rollback takes effect"));
    return session.json() ? json_of({{"rolled_back_to", target}}) : std::string();
}

std::string message_about(const PendingSavepoint& pending, const Savepoint& command, const Session& session) {
    const bool reboots = command.afterwards == AfterRollback::reboot && !session.options().place;
    return "savepoint: without `schnapps commit` within " + std::to_string(pending.time_to_commit.count()) +
           (pending.time_to_commit.count() == 1 ? " minute" : " minutes") +
           ", the system is rolled back to snapshot " + to_text(pending.snapshot) +
           (reboots ? " and rebooted" : "");
}

constexpr std::array options{
    OptionEntry{.names = "--no-reboot", .help = "do not reboot after the rollback"},
    OptionEntry{.names = "--resume", .help = "wait for the savepoint that is pending: for the boot script"},
};

Expected<Command> make_savepoint(const Parsed& parsed) {
    const auto afterwards = parsed.has("--no-reboot") ? AfterRollback::stay : AfterRollback::reboot;
    if (parsed.has("--resume")) return ResumeSavepoint{afterwards};
    Savepoint savepoint{.afterwards = afterwards};
    if (parsed.words.empty()) return savepoint;
    const auto minutes = snapshots::number_named(parsed.words.front());
    if (!minutes || std::chrono::minutes(minutes->value) > snapshots::longest_savepoint_time)
        return wrong_usage("\"" + parsed.words.front() + "\": a savepoint waits for 1 to " +
                           std::to_string(snapshots::longest_savepoint_time.count()) + " minutes");
    savepoint.time = std::chrono::minutes(minutes->value);
    return savepoint;
}

Expected<Command> make_commit(const Parsed&) {
    return Commit{};
}

}  // namespace

const Entry savepoint_command{{.name = "savepoint",
                               .words = "[MINUTES]",
                               .help = "roll back in MINUTES (10), unless `commit` is run before",
                               .options = options},
                              &make_savepoint};

const Entry commit_command{{.name = "commit", .help = "keep the current state: ends the savepoint"},
                           &make_commit};

Expected<std::string> run(const Savepoint& command, Session& session) {
    auto now = TRY(snapshots::boot_time_now());
    std::optional<PendingSavepoint> pending;
    TRY(session.change([&](const Writer& writer) -> Expected<std::string> {
        TRY(session.require_current(writer.top()));
        auto made = TRY(snapshots::start_savepoint(writer, command.time, now));
        pending = made;
        return std::string();
    }));
    auto waiter = start_detached(arguments_of_waiter(command, session));
    if (!waiter) return pass_on(waiter, "the savepoint was made, but no process waits for it");
    session.print(message_about(*pending, command, session));
    if (!session.json()) return std::string();
    return json_of({{"snapshot", std::int64_t{pending->snapshot.value}},
                    {"minutes", std::int64_t{pending->time_to_commit.count()}},
                    {"process", std::int64_t{*waiter}}});
}

Expected<std::string> run(const ResumeSavepoint& command, Session& session) {
    ::openlog("schnapps", LOG_PID, LOG_DAEMON);
    auto result = resume(command, session);
    if (!result) ::syslog(LOG_ERR, "savepoint: %s", result.error().describe().c_str());
    ::closelog();
    return result;
}

Expected<std::string> run(const Commit&, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto deleted = TRY(snapshots::commit_savepoints(writer));
        session.print(deleted.empty() ? "no savepoint is pending" : "the current state stays");
        if (!session.json()) return std::string();
        std::vector<std::int64_t> numbers;
        for (const auto number : deleted) numbers.push_back(number.value);
        return json_of({{"deleted", std::move(numbers)}});
    });
}

}  // namespace mox::cli::schnapps
