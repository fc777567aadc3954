// `schnapps savepoint` and `commit`. The time of a savepoint is on the card (snapshots/savepoint.hpp); here
// are the process that waits for it and what follows: a rollback takes effect at the next boot, so the system
// is asked to reboot.

#include <syslog.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/child_process.hpp"
#include "base/units.hpp"
#include "board/description.hpp"
#include "boot/reboot.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/detached.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/savepoint.hpp"

namespace mox::cli::schnapps {

namespace {

using namespace std::chrono_literals;
using snapshots::PendingSavepoint;
using snapshots::Writer;

/// The system's own reboot program answers at once and stops the services in the background.
constexpr std::chrono::seconds reboot_patience{60};
/// Another schnapps that hangs must not keep a user locked out.
constexpr std::chrono::seconds lock_patience{60};
/// How long a rollback that is due and fails is tried before the system is rebooted without it.
constexpr std::chrono::minutes time_before_reboot{3};

/// The waiting process has no terminal any more: what it does is in the system's log.
void note(const Session& session, int priority, const std::string& line) {
    session.say(line);
    ::syslog(priority, "%s", line.c_str());
}

std::vector<std::string> arguments_of_waiter(const Savepoint& command, const Session& session) {
    std::vector<std::string> arguments;
    if (const auto& place = session.options().place) arguments = {"-d", place->native()};
    arguments.insert(arguments.end(), {"savepoint", "--resume"});
    if (command.afterwards == AfterRollback::stay) arguments.emplace_back("--no-reboot");
    return arguments;
}

/// Reads what is pending; the file system is free again afterwards: nobody keeps it busy for minutes.
Expected<std::optional<PendingSavepoint>> look_for_pending(const Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::read));
    return snapshots::pending_savepoint(top);
}

/// Sleeps after a try that failed: soon at first, then less and less often.
class TimeToNextTry {
public:
    void wait() {
        sleep_on_boot_clock(next_);
        next_ = std::min(next_ * 2, longest);
    }

private:
    static constexpr std::chrono::seconds longest{60};
    std::chrono::seconds next_{5};
};

enum class Waited { time_is_over, nothing_pending };

/// Waits until the pending savepoint is due; it may be committed or replaced meanwhile. Errors: the first
/// look fails. What fails later is tried again: the user may be locked out.
Expected<Waited> wait_until_due(const Session& session) {
    TimeToNextTry next_try;
    for (bool is_first = true;; is_first = false) {
        auto pending = look_for_pending(session);
        if (!pending && is_first) return pass_on(pending);
        if (!pending) {
            note(session, LOG_ERR, "savepoint: " + pending.error().describe());
            next_try.wait();
            continue;
        }
        if (!*pending) return Waited::nothing_pending;
        auto now = TRY(snapshots::boot_time_now());
        const auto left = snapshots::time_left(**pending, now);
        if (left <= 0s) return Waited::time_is_over;
        sleep_on_boot_clock(left);
    }
}

using RolledBack = std::optional<snapshots::RollbackResult>;

Expected<RolledBack> roll_back_now(const Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::change));
    auto writer = TRY(session.begin(top, lock_patience));
    auto now = TRY(snapshots::boot_time_now());
    return snapshots::roll_back_if_due(writer, now, session.hooks(), [&session](const std::string& line) {
        note(session, LOG_WARNING, "savepoint: " + line);
    });
}

/// Only the running system is rebooted, never because of another file system (-d).
bool may_reboot(AfterRollback afterwards, const Session& session) {
    return afterwards == AfterRollback::reboot && !session.options().place;
}

/// With the system's own program, or, when that cannot be started or does not answer, without it: nobody is
/// there who could pull the plug.
Expected<void> reboot(const Session& session, std::string_view why) {
    note(session, LOG_NOTICE, "rebooting, " + std::string(why));
    auto asked = run_child_successfully({"reboot"}, reboot_patience, ErrorKind::internal);
    if (asked) return {};
    note(session, LOG_ERR, asked.error().describe() + "; rebooting without it");
    return boot::reboot_now(board::sysrq_trigger("/"));
}

/// In the boot in which the savepoint was made; it has been rebooted since otherwise, and that did not help.
bool was_started_in_this_boot(const Session& session) {
    const auto pending = look_for_pending(session);
    const auto now = snapshots::boot_time_now();
    return pending && *pending && now && (*pending)->started.boot_id == now->boot_id;
}

/// Tries to roll back until it works, or nothing is due any more (none). A rollback that fails for minutes is
/// followed by one reboot all the same: that may cure the card (one that was remounted read-only), and the
/// user (whose firewall was not made permanent).
Expected<RolledBack> roll_back_in_the_end(AfterRollback afterwards, const Session& session) {
    const auto begin = Clock::now();
    TimeToNextTry next_try;
    for (bool has_rebooted = false;;) {
        auto result = roll_back_now(session);
        if (result) return result;
        note(session, LOG_ERR, "savepoint: trying again: " + result.error().describe());
        const bool has_tried_enough = Clock::now() - begin >= time_before_reboot;
        if (has_tried_enough && !has_rebooted && may_reboot(afterwards, session) &&
            was_started_in_this_boot(session)) {
            has_rebooted = true;
            if (auto done = reboot(session, "because the rollback of the savepoint fails"); !done)
                note(session, LOG_ERR, done.error().describe());
        }
        next_try.wait();
    }
}

Expected<std::string> resume(const ResumeSavepoint& command, Session& session) {
    auto waited = TRY(wait_until_due(session));
    if (waited == Waited::nothing_pending) {
        session.say("no savepoint is pending");
        return std::string();
    }
    auto result = TRY(roll_back_in_the_end(command.afterwards, session));
    if (!result) return std::string();  // committed while we waited
    const auto target = to_text(result->target);
    note(session, LOG_WARNING, "nobody said `schnapps commit`: rolled back to snapshot " + target);
    for (const auto& line : snapshots::lines_about_nested(*result)) note(session, LOG_WARNING, line);
    if (!result->postponed.empty())
        note(session, LOG_WARNING, "the state before is kept, but not a snapshot yet: " + result->postponed);
    if (may_reboot(command.afterwards, session)) TRY(reboot(session, "so that the rollback takes effect"));
    return session.json() ? json_of({{"rolled_back_to", target}}) : std::string();
}

std::string sentence_about(const PendingSavepoint& pending, const Savepoint& command,
                           const Session& session) {
    const bool reboots = command.afterwards == AfterRollback::reboot && !session.options().place;
    return "savepoint: unless you say `schnapps commit` within " +
           std::to_string(pending.time_to_commit.count()) +
           " minutes, the system is rolled back to snapshot " + to_text(pending.snapshot) +
           (reboots ? " and rebooted" : "");
}

}  // namespace

Expected<std::string> run(const Savepoint& command, Session& session) {
    auto now = TRY(snapshots::boot_time_now());
    std::optional<PendingSavepoint> pending;
    TRY(session.change([&](const Writer& writer) -> Expected<std::string> {
        auto made = TRY(snapshots::start_savepoint(writer, command.time, now));
        pending = made;
        return std::string();
    }));
    auto waiter = start_detached(arguments_of_waiter(command, session));
    if (!waiter) return pass_on(waiter, "the savepoint was made, but nothing waits for it");
    session.say(sentence_about(*pending, command, session));
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
        session.say(deleted.empty() ? "no savepoint is pending" : "the current state stays");
        if (!session.json()) return std::string();
        std::vector<std::int64_t> numbers;
        for (const auto number : deleted) numbers.push_back(number.value);
        return json_of({{"deleted", std::move(numbers)}});
    });
}

}  // namespace mox::cli::schnapps
