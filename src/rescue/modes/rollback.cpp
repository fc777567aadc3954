// Modes 2 and 3. The restart contract is that of snapshots/rollback.cpp: `@` is the complete old or the
// complete new system at every instant, and the next writer completes or undoes the rollback. Mode 3 then
// resets the boot environment in one write; a power cut before this write leaves the factory system with the
// old variables, and mode 3 can run again without harm.

#include "rescue/modes/rollback.hpp"

#include <cerrno>
#include <string>
#include <utility>

#include "async/run_on_thread.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/root_mounts.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/stale_work.hpp"
#include "snapshots/top_level.hpp"
#include "storage/card.hpp"
#include "update/card_in_slot.hpp"
#include "update/environment_reset.hpp"

namespace mox::rescue {

namespace {

using boost::asio::awaitable;
using snapshots::Target;

constexpr std::string_view reflash_hint = "mode 4 can put a new system on the card";

/// The partition with the btrfs of the system. Errors (`snapshot`): there is none, so no snapshot either.
Expected<std::filesystem::path> system_partition(update::Context& context, const storage::Drive& card) {
    auto report = TRY(storage::examine_card(card));
    if (!report.warning.empty()) context.log.warning(report.warning);
    // A card without `@` may still have snapshots to roll back to.
    if (report.state != storage::CardState::damaged && !report.btrfs_node.empty()) return report.btrfs_node;
    return fail(ErrorKind::snapshot,
                card.describe() + ": " + report.reason + ", so there is nothing to roll back to",
                {std::string(reflash_hint)});
}

/// Opens the top level of the card. For a damaged file system (its log cannot be replayed) the error is that
/// of examine_card.
Expected<snapshots::TopLevel> open_top_level(const storage::Drive& card,
                                             const std::filesystem::path& partition,
                                             snapshots::Purpose purpose) {
    auto top = snapshots::TopLevel::on_device(partition, purpose);
    if (top || top.error().reason() != EUCLEAN) return top;
    return fail(ErrorKind::snapshot,
                card.describe() + ": the file system is damaged (" + top.error().message() + ")",
                {std::string(reflash_hint)});
}

Expected<Target> latest(const snapshots::TopLevel& top) {
    auto listed = TRY(snapshots::list_targets(top));
    const auto target = snapshots::one_step_back(listed);
    if (std::holds_alternative<snapshots::Number>(target)) return target;
    const bool has_factory = snapshots::has_factory(top);
    return fail(ErrorKind::snapshot,
                "there is no snapshot to go back to (the card has " +
                    snapshots::what_exists(listed, has_factory) + ")",
                {has_factory ? "mode 3 goes back to the factory state" : std::string(reflash_hint)});
}

Expected<Target> factory(const snapshots::TopLevel& top) {
    const Target target = snapshots::Factory{};
    if (auto usable = snapshots::require_usable(top, target); !usable)
        return std::unexpected(
            std::move(usable).error().as(ErrorKind::snapshot).replace_hint({std::string(reflash_hint)}));
    return target;
}

/// Adds a hint to the error of a damaged target, or of a card that is too full even for a rollback.
std::unexpected<Error> with_hint(const snapshots::TopLevel& top, Error&& error) {
    if (error.kind() == ErrorKind::snapshot)
        return std::unexpected(std::move(error).replace_hint({std::string(reflash_hint)}));
    if (!snapshots::is_full(error)) return std::unexpected(std::move(error));
    auto advised = snapshots::with_space_hint(top, std::move(error));
    Hint hint{advised.hint() + " in the rescue shell (mode 7); " + std::string(reflash_hint) +
              ", which erases what is on it"};
    return std::unexpected(std::move(advised).replace_hint(std::move(hint)));
}

using ChooseTarget = Expected<Target> (*)(const snapshots::TopLevel&);

/// Checks the target first, read-only; then rolls back.
Expected<void> roll_back_card(update::Context& context, const storage::Drive& card, ChooseTarget choose) {
    auto partition = TRY(system_partition(context, card));
    {
        auto look = TRY(open_top_level(card, partition, snapshots::Purpose::read));
        auto target = TRY(choose(look));
        context.log.info("rolling back to " + snapshots::to_text(target));
    }
    if (context.execution == update::Execution::dry_run) {
        context.log.info("dry run: nothing was written");
        return {};
    }

    TRY(update::begin_writing(context));
    context.progress.next_step();
    auto top = TRY(open_top_level(card, partition, snapshots::Purpose::change));
    auto writer = TRY(snapshots::Writer::begin(top));
    for (const auto& repair : writer.repairs()) context.log.info(repair);
    auto stale = TRY(snapshots::remove_stale_work(writer),
                     "what an interrupted export or import left behind cannot be removed");
    for (const auto& name : stale)
        context.log.info("what an interrupted call left behind was removed: " + name);
    auto target = TRY(choose(top));
    auto done =
        snapshots::roll_back(writer, target, {}, [&](const std::string& line) { context.log.info(line); });
    if (!done) return with_hint(top, std::move(done).error());
    if (!done->postponed.empty())
        context.log.warning("the state before is on the card, but not a snapshot yet: " + done->postponed);
    context.log.info(
        "rolled back to " + snapshots::to_text(done->target) +
        (done->saved_as ? "; the state before is snapshot " + snapshots::to_text(*done->saved_as) : ""));
    for (const auto& line : snapshots::lines_about_nested(*done)) context.log.info(line);
    for (const auto& line : snapshots::renew_root_mounts(top, *done).lines) context.log.info(line);
    return {};
}

awaitable<Expected<void>> roll_back(update::Context& context, ChooseTarget choose) {
    context.progress.plan({{"looking at the snapshots", 1}, {"rolling back", 3}});
    context.progress.next_step();
    auto card = co_await update::card_in_slot(context);
    if (!card) co_return pass_on(card);
    co_return co_await async::run_on_thread([&] { return roll_back_card(context, *card, choose); });
}

/// Does nothing in a dry run.
Expected<void> finalize_unless_dry_run(update::Context& context, update::EnvironmentReset reset) {
    if (context.execution == update::Execution::dry_run) return {};
    return update::finalize_environment(context, reset);
}

}  // namespace

awaitable<Expected<ModeOutcome>> roll_back_to_latest(update::Context& context) {
    auto done = co_await roll_back(context, &latest);
    if (!done) co_return pass_on(done);
    CO_TRY(finalize_unless_dry_run(context, update::EnvironmentReset::none), "the system is rolled back");
    context.progress.finish();
    co_return ModeOutcome::reboot;
}

awaitable<Expected<ModeOutcome>> roll_back_to_factory(update::Context& context) {
    auto done = co_await roll_back(context, &factory);
    if (!done) co_return pass_on(done);
    CO_TRY(finalize_unless_dry_run(context, update::EnvironmentReset::to_defaults),
           "the system is back at factory");
    context.progress.finish();
    co_return ModeOutcome::reboot;
}

}  // namespace mox::rescue
