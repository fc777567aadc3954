// clang-format off
// Installation of a verified medkit, and what a power cut leaves behind after each step.
//
// A card that is damaged, has another content or not enough free space is formatted first:
//   F1. restart marker in the boot environment       old card, as it was (or, during that write, an
//                                                    environment that the boot loader replaces by its own)
//   F2. partition table, btrfs                       no system: the boot loader starts rescue by itself,
//                                                    which finds no healthy card and begins at F2; the
//                                                    environment is not written again before 7
// The following steps are the same for every card, under the card's lock; the old system (if there is one)
// stays unchanged until 5:
//   0. finish or undo what was interrupted           (snapshots/interrupted.hpp)
//   1. @reflash.new: unpack, configure, sync         old system boots; the next writer undoes
//   2. @reflash.factory: read-only snapshot of it;   old system boots; the next writer undoes
//      reflash.erase: what the two are, and what
//      is old; boot.scr, log; sync
//   3. exchange @ <-> @reflash.new (or rename, when  new system boots, old factory snapshot and old snapshots
//      there is no @); sync                          still there; the next writer finishes
//   4. exchange @factory <-> @reflash.factory; sync  new system boots; the next writer finishes
//   5. delete what reflash.erase names, the old      new system boots; the next writer finishes
//      root last, sync, then reflash.erase
//   6. log completed                                 new system boots
//   7. boot environment: marker removed, reset at    new system boots; during that write with the
//      the next start                                defaults of the boot loader
//   8. the boot loader resets its environment        new system boots; during that write without the
//                                                    variables to carry over
//
// The next writer is the next mode 2, 3, 4 or 6, or the next schnapps command that changes the card. It
// checks which subvolume `@` is (snapshots/reflash_record.hpp): after a rollback by any tool in between, it
// erases nothing old. `@` exists by that name at every instant from 3 on; on a card that was not formatted,
// always.
//
// If 0 to 2 fail, the card is formatted only if the card is the cause (card_plan.hpp); else the old system
// stays as it was.
// clang-format on

#include "update/install.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <expected>
#include <filesystem>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"
#include "boot/restart_marker.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/interrupted.hpp"
#include "snapshots/temporary_names.hpp"
#include "storage/btrfs_space.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "update/environment_reset.hpp"
#include "update/rescue_log.hpp"
#include "update/system_build.hpp"

namespace mox::update {

namespace {

using namespace std::chrono_literals;
using snapshots::reflash_factory_name;
using snapshots::reflash_root_name;
using snapshots::root_name;

constexpr std::string_view boot_script_link = "boot.scr";
/// A schnapps that works on the same card (on a PC) needs less time, or hangs.
constexpr auto longest_wait_for_lock = 5min;

UniqueFd open_directory(int directory, std::string_view name) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    return UniqueFd(::openat(directory, std::string(name).c_str(), flags));
}

/// Creates the link boot.scr at the top level, where the boot loader searches it; the script is in `@`.
Expected<void> ensure_boot_script_link(int top, const std::string& boot_script) {
    const std::string target = std::string(root_name) + "/" + boot_script;
    std::array<char, 256> present{};
    const ssize_t length = ::readlinkat(top, boot_script_link.data(), present.data(), present.size());
    if (length > 0 && std::string_view(present.data(), static_cast<std::size_t>(length)) == target) return {};

    const std::string temporary = std::string(boot_script_link) + ".new";
    if (::unlinkat(top, temporary.c_str(), 0) != 0 && errno != ENOENT)
        return fail_errno(ErrorKind::card, temporary);
    if (::symlinkat(target.c_str(), top, temporary.c_str()) != 0)
        return fail_errno(ErrorKind::card, temporary);
    if (::renameat(top, temporary.c_str(), top, boot_script_link.data()) != 0)
        return fail_errno(ErrorKind::card, boot_script_link);
    return {};
}

/// Erases all entries at the top level except subvolumes and the boot script: N.info files, and files of the
/// user.
Expected<void> erase_plain_entries(const storage::Mount& card) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(card.path(), error)) {
        const auto name = entry.path().filename().native();
        if (name == boot_script_link || name == snapshots::reflash_record_name) continue;
        auto is_subvolume = TRY(storage::subvolume_exists(card.root(), name));
        if (is_subvolume) continue;
        std::error_code failure;
        std::filesystem::remove_all(entry.path(), failure);
        if (failure) return fail(ErrorKind::card, name + " cannot be erased: " + failure.message());
    }
    if (error) return fail(ErrorKind::card, "the card's top level cannot be read: " + error.message());
    return {};
}

/// Stores the log of this run and those of earlier runs in the new system.
class LogKeeper {
public:
    LogKeeper(Log& log, std::vector<KeptLog> earlier)
        : log_(log), name_(next_log_name(earlier, "reflash")), logs_(logs_to_carry_over(std::move(earlier))) {
        logs_.push_back({name_, {}});
    }

    /// Logs a warning if the logs cannot be stored; the installation goes on.
    void store(int top, std::string_view system) {
        logs_.back().text = log_.text();
        const auto root = open_directory(top, system);
        auto written = write_rescue_logs(root.get(), logs_);
        if (!written) log_.warning("the log could not be stored: " + written.error().describe());
    }

private:
    Log& log_;
    std::string name_;
    std::vector<KeptLog> logs_;
};

/// Steps 1 and 2. After them the new system and its factory snapshot are complete on the card, and the old
/// system is unchanged.
Expected<void> build_beside(Context& context, const Installation& installation,
                            const snapshots::TopLevel& card, const std::filesystem::path& partition,
                            LogKeeper& logs) {
    const int top = card.directory();
    const auto& board = context.board;
    const SystemParts parts{
        .medkit = installation.medkit,
        .board = board,
        .root_device = board.installed_root_device.empty() ? partition.native() : board.installed_root_device,
        .installed = snapshots::created_now(),
    };
    TRY(build_system(top, reflash_root_name, parts, context.progress));
    context.log.info("the new system is complete beside the old one");

    context.progress.next_step();
    constexpr auto read_only = storage::Access::read_only;
    TRY(storage::snapshot_subvolume(top, reflash_root_name, reflash_factory_name, read_only));
    TRY(snapshots::write_reflash_record(card));
    TRY(ensure_boot_script_link(top, board.boot_script));
    logs.store(top, reflash_root_name);
    return storage::sync_filesystem(top);
}

/// Steps 3 and 4.
Expected<void> switch_over(int top) {
    auto has_root = TRY(storage::subvolume_exists(top, root_name));
    if (has_root) {
        TRY(storage::exchange(top, root_name, reflash_root_name));
    } else if (::renameat(top, reflash_root_name.data(), top, root_name.data()) != 0) {
        return fail_errno(ErrorKind::card, root_name);
    }
    TRY(storage::sync_filesystem(top));
    TRY(snapshots::publish_new_factory(top));
    return storage::sync_filesystem(top);
}

/// Step 5.
Expected<void> erase_old(Context& context, const storage::Mount& card, const snapshots::TopLevel& top) {
    TRY(erase_plain_entries(card));
    auto settled = TRY(snapshots::recover_interrupted_reflash(top));
    if (settled.outcome != snapshots::ReflashOutcome::finished)
        context.log.warning(
            "another program has changed the subvolumes of the card meanwhile: nothing old was erased");
    return storage::sync_filesystem(card.root());
}

/// Step 5 erases all subvolumes: fails before anything is written if one is mounted.
Expected<void> require_erasable(int top) {
    const auto names = TRY(storage::subvolumes_in(top));
    for (const auto& name : names)
        TRY(storage::require_not_mounted(top, name, "subvolume " + name + " of the card"));
    return {};
}

/// Takes the card lock; step 0.
Expected<snapshots::Writer> begin_writing(Context& context, const snapshots::TopLevel& top) {
    auto writer = snapshots::Writer::begin(
        top, {.on_wait = [&] { context.log.info("waiting for another program that changes the snapshots"); },
              .limit = longest_wait_for_lock});
    if (!writer) return writer;
    for (const auto& repair : writer->repairs()) context.log.info(repair);
    TRY(require_erasable(top.directory()));
    TRY(storage::sync_filesystem(top.directory()));
    return writer;
}

/// Free space of the card; 0 if it cannot be read.
Bytes free_space(int top) {
    return storage::btrfs_free_space(top).value_or(Bytes{});
}

struct FailedBuild {
    Error error;
    Bytes free;  ///< before the incomplete system was removed
};

/// Steps 0 to 2. If they fail, removes the incomplete system.
std::expected<snapshots::Writer, FailedBuild> build(Context& context, const Installation& installation,
                                                    const snapshots::TopLevel& top,
                                                    const std::filesystem::path& partition, LogKeeper& logs) {
    auto writer = begin_writing(context, top);
    if (!writer) return std::unexpected(FailedBuild{std::move(writer).error(), free_space(top.directory())});
    auto built = build_beside(context, installation, top, partition, logs);
    if (built) return std::move(*writer);
    const auto free = free_space(top.directory());
    if (auto undone = snapshots::recover_interrupted_reflash(top); !undone)
        context.log.warning("the incomplete system could not be removed: " + undone.error().describe());
    return std::unexpected(FailedBuild{std::move(built).error(), free});
}

enum class Outcome { installed, card_is_the_cause };

/// Decides whether the card is formatted after a failed build. The old system is unchanged.
Expected<Outcome> after_failure(Context& context, const Installation& installation, Bytes free,
                                Error&& error) {
    const CardSpace space{.free = free,
                          .needed = space_needed(installation.medkit),
                          .capacity_after_format = storage::capacity_after_format(installation.card)};
    if (after_failed_build(error, space) == AfterFailedBuild::leave_old_system)
        return std::unexpected(std::move(error).with_context("the new system could not be built"));
    context.log.warning("building the new system failed: " + error.describe());
    return Outcome::card_is_the_cause;
}

/// Steps 3 to 6.
Expected<void> switch_and_erase(Context& context, const storage::Mount& card, const snapshots::TopLevel& top,
                                LogKeeper& logs) {
    TRY(switch_over(card.root()));
    context.log.info("switched to the new system");
    context.progress.next_step();
    if (auto erased = erase_old(context, card, top); !erased)
        return pass_on(erased, "the new system is complete and boots, but the old one could not be erased");
    context.log.info("erased the old system; re-flash complete");
    logs.store(card.root(), root_name);
    return storage::sync_filesystem(card.root());
}

/// Steps 0 to 6 on a mounted card.
Expected<Outcome> install_on_mounted(Context& context, const Installation& installation,
                                     const storage::Mount& card, const std::filesystem::path& partition,
                                     std::vector<KeptLog> earlier_logs) {
    auto top = snapshots::TopLevel::on_device(partition, snapshots::Purpose::change);
    if (!top) return after_failure(context, installation, free_space(card.root()), std::move(top).error());
    if (earlier_logs.empty())
        if (const auto old_root = open_directory(card.root(), root_name))
            earlier_logs = read_rescue_logs(old_root.get());
    LogKeeper logs(context.log, std::move(earlier_logs));

    auto writer = build(context, installation, *top, partition, logs);
    if (!writer)
        return after_failure(context, installation, writer.error().free, std::move(writer.error().error));
    TRY(switch_and_erase(context, card, *top, logs));
    return Outcome::installed;
}

/// Steps 0 to 6 on a card that has a btrfs. `card_is_the_cause`: no system could be built beside the old one,
/// and the card is unchanged.
Expected<Outcome> install_on(Context& context, const Installation& installation,
                             const std::filesystem::path& partition, std::vector<KeptLog> earlier_logs) {
    auto card = storage::mount_card(partition);
    if (!card) return after_failure(context, installation, Bytes{}, std::move(card).error());
    auto outcome = install_on_mounted(context, installation, *card, partition, std::move(earlier_logs));
    if (!outcome || *outcome != Outcome::installed) return outcome;
    auto unmounted = TRY(card->unmount());
    if (unmounted == storage::AfterUnmount::in_use)
        context.log.warning(
            "the card is complete, but another program has mounted it: unmount it there "
            "before you take it out");
    return Outcome::installed;
}

/// Reads the logs that are readable before the card is formatted; mounts the card read-only.
std::vector<KeptLog> logs_on(const Installation& installation) {
    if (installation.report.state != storage::CardState::healthy) return {};
    const auto volumes = storage::volumes_of(installation.card);
    if (!volumes) return {};
    const auto system = std::ranges::find(*volumes, installation.report.btrfs_node, &storage::Volume::node);
    if (system == volumes->end()) return {};
    const auto card = storage::mount_source(*system);
    if (!card) return {};
    const auto root = open_directory(card->root(), root_name);
    return root ? read_rescue_logs(root.get()) : std::vector<KeptLog>{};
}

/// Step F1. If the marker cannot be set, the user must press the button after an interruption; the
/// installation goes on.
void set_restart_marker(Context& context, const Installation& installation) {
    const bool chosen_by_uuid = context.environment.get("root_uuid").has_value();
    const auto disk = chosen_by_uuid ? storage::identity(installation.card) : std::string();
    const auto tries = context.started_by == StartedBy::marker ? boot::Tries::go_on : boot::Tries::fresh;
    const auto partition = context.rescue_partition ? context.rescue_partition() : nullptr;
    const auto set =
        boot::mark_for_restart(context.environment, context.board,
                               {.mode = installation.mode, .disk = disk, .tries = tries}, partition.get());
    if (!set)
        context.log.warning("if the power fails now, start rescue with the button again, because " +
                            set.error().describe());
}

/// Step 7.
Expected<void> finalize(Context& context, const Installation& installation,
                        const std::filesystem::path& partition) {
    std::string uuid;
    if (const auto volumes = storage::volumes_of(installation.card)) {
        const auto system = std::ranges::find(*volumes, partition, &storage::Volume::node);
        if (system != volumes->end()) uuid = system->uuid;
    }
    return finalize_environment(context, EnvironmentReset::to_defaults, uuid);
}

/// Steps F1 and F2, then steps 0 to 7 on the empty card.
Expected<void> format_and_install(Context& context, const Installation& installation) {
    // Before the marker: if the card was removed, the router must not start rescue again.
    TRY(storage::require_formattable(installation.card));
    auto earlier_logs = logs_on(installation);
    set_restart_marker(context, installation);
    auto partition = TRY(storage::partition_and_format(installation.card));
    context.log.info("formatted " + partition.native());

    auto outcome = TRY(install_on(context, installation, partition, std::move(earlier_logs)),
                       "the card was formatted and holds no system now");
    if (outcome == Outcome::card_is_the_cause)
        return fail(ErrorKind::card, "the card cannot hold the new system (see the log above)",
                    {"try another card"});
    return finalize(context, installation, partition);
}

}  // namespace

std::vector<StepPlan> installation_steps() {
    return {{"preparing the card", 2},
            {std::string(unpacking_step), 50},
            {std::string(storing_step), 30},
            {"switching to the new system", 1},
            {"erasing the old system", 4}};
}

Expected<void> install(Context& context, const Installation& installation) {
    const auto& [approach, reason] = installation.plan;
    context.progress.next_step();
    if (approach == Approach::format) {
        context.log.info("the card will be formatted: " + reason);
        return format_and_install(context, installation);
    }
    auto outcome = TRY(install_on(context, installation, installation.report.btrfs_node, {}));
    if (outcome == Outcome::installed) return finalize(context, installation, installation.report.btrfs_node);

    context.log.warning("the card will be formatted, because nothing could be built beside the old system");
    context.progress.plan(installation_steps());
    context.progress.next_step();
    return format_and_install(context, installation);
}

}  // namespace mox::update
