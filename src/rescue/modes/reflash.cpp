#include "rescue/modes/reflash.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/run_on_thread.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/ram_copy.hpp"
#include "storage/card.hpp"
#include "update/card_in_slot.hpp"
#include "update/install.hpp"
#include "update/medkit_installation.hpp"
#include "update/medkit_search.hpp"
#include "update/nor_update.hpp"

namespace mox::rescue {

namespace {

using boost::asio::awaitable;
using storage::DriveRole;

std::vector<StepPlan> steps(bool with_nor_update) {
    std::vector<StepPlan> all{{"looking for medkits and checking them", 20},
                              {"taking the medkit to memory", 1}};
    for (auto& step : update::installation_steps()) all.push_back(std::move(step));
    if (with_nor_update) all.push_back({"writing the rescue system into the flash", 30});
    return all;
}

/// Searches USB drives first, also those that appear within `wait_for_usb_drives`; then the card itself. When
/// the user has named files or directories, only these, and the drives that were named with them.
awaitable<Expected<update::ChosenMedkit>> find_medkit(update::Context& context,
                                                      const medkit::VerifyRules& rules) {
    const bool are_named = !context.medkits.paths.empty();
    const auto search = [&](DriveRole role) {
        return async::run_on_thread([&context, &rules, role] {
            return update::search_medkits(context, role, rules, context.progress.bytes());
        });
    };
    std::vector<update::SearchResult> searches(1);
    const auto deadline = Clock::now() + wait_for_usb_drives;
    do {
        auto usb = co_await search(DriveRole::usb);
        if (!usb) co_return pass_on(usb);
        if (usb->chosen) co_return std::move(*usb->chosen);
        searches.front() = std::move(*usb);
    } while (!are_named && co_await context.drives.change_before(deadline));
    if (are_named) co_return std::unexpected(update::no_medkit_error(context, searches));

    auto card = co_await search(DriveRole::card);
    if (!card) co_return pass_on(card);
    if (card->chosen) co_return std::move(*card->chosen);
    searches.push_back(std::move(*card));
    co_return std::unexpected(update::no_medkit_error(context, searches));
}

/// Copies a medkit on the card to memory and unmounts the card, because the card will be written.
Expected<void> release_card(update::Context& context, update::ChosenMedkit& chosen) {
    context.progress.next_step();
    if (chosen.candidate.drive != DriveRole::card) return {};
    auto copy = TRY(medkit::copy_to_ram(std::move(chosen.medkit), context.progress.bytes()));
    chosen.medkit = std::move(copy);
    chosen.directory.reset();
    auto unmounted = chosen.source->unmount();
    chosen.source.reset();
    if (!unmounted) return pass_on(unmounted);
    return {};
}

/// The context of an error of the search: "card (sdb), 256.0 MB" if the card is the cause.
std::string size_if_too_small(const Error& error, const storage::Drive& card) {
    return error.kind() == ErrorKind::card ? card.describe() + ", " + to_text(card.size) : std::string();
}

using RescueImage = std::optional<medkit::SignedFile>;

/// Reads and verifies the rescue image beside the medkit, before the first write; nullopt if none is
/// requested or none is there.
Expected<RescueImage> rescue_image_beside(update::Context& context, const update::ChosenMedkit& chosen,
                                          const medkit::TrustedKeys& trusted) {
    if (!update::is_nor_update_requested(context)) return std::nullopt;
    const auto files = TRY(medkit::find_beside(chosen.directory.get(), chosen.candidate.name));
    if (!files.rescue_image) {
        context.log.warning("nor_update is set, but there is no " +
                            update::companion_name(chosen.candidate.name) +
                            " beside the medkit: the rescue system stays as it is");
        return std::nullopt;
    }
    auto image =
        TRY(update::read_rescue_image(chosen.directory.get(), *files.rescue_image, context.board, trusted),
            chosen.candidate.place);
    return image;
}

/// Writes the flash last: the card has its system then, and the boot loader starts it.
Expected<void> install_all(update::Context& context, update::ChosenMedkit& chosen, const storage::Drive& card,
                           const medkit::TrustedKeys& trusted) {
    auto rescue_image = TRY(rescue_image_beside(context, chosen, trusted));
    TRY(release_card(context, chosen));
    auto installed =
        update::install_medkit(context, {chosen.medkit, chosen.candidate.name, chosen.candidate.place}, card,
                               boot::Mode::reflash_from_drive);
    if (!installed || !rescue_image || context.execution == update::Execution::dry_run) return installed;
    context.progress.next_step();
    TRY(update::write_rescue_image(*rescue_image, context.board, context.log, context.progress.bytes()),
        "the new system is complete");
    context.progress.finish();
    return {};
}

}  // namespace

awaitable<Expected<ModeOutcome>> reflash_from_drive(update::Context& context) {
    context.progress.plan(steps(update::is_nor_update_requested(context)));
    context.progress.next_step();
    auto card = co_await update::card_in_slot(context);
    if (!card) co_return pass_on(card);
    CO_TRY(storage::require_usable(*card));
    const auto rules = update::installation_rules(context, *card);
    auto chosen = co_await find_medkit(context, rules);
    if (!chosen) co_return pass_on(chosen, size_if_too_small(chosen.error(), *card));
    auto done =
        co_await async::run_on_thread([&] { return install_all(context, *chosen, *card, rules.keys); });
    if (!done) co_return pass_on(done);
    co_return ModeOutcome::reboot;
}

}  // namespace mox::rescue
