#include "modes/reflash.hpp"

#include <string>
#include <utility>
#include <vector>

#include "medkit/keys.hpp"
#include "medkit/ram_copy.hpp"
#include "modes/blocking_work.hpp"
#include "modes/card_in_slot.hpp"
#include "modes/card_plan.hpp"
#include "modes/install.hpp"
#include "modes/medkit_search.hpp"

namespace mox::modes {

namespace {

using boost::asio::awaitable;
using storage::DriveRole;

std::vector<StepPlan> steps() {
    std::vector<StepPlan> all{{"looking for medkits and checking them", 20},
                              {"taking the medkit to memory", 1}};
    for (auto& step : installation_steps()) all.push_back(std::move(step));
    return all;
}

/// The keys of the rescue image, and those of the boot environment: whoever can write that has the router in
/// his hands anyway.
medkit::TrustedKeys trusted_keys(const ModeContext& context) {
    auto words = medkit::parse_key_words(context.environment.get("rescue_keys").value_or(""));
    for (const auto& word : words.not_keys)
        context.log.warning("rescue_keys of the boot environment: " + word +
                            " is no public key, passed over");
    for (const auto& key : words.keys)
        context.log.info("key " + medkit::to_text(key.number) + " is trusted too (boot environment)");
    return {.directory = context.keys, .more = std::move(words.keys)};
}

medkit::VerifyRules rules_for(const ModeContext& context, const storage::Drive& card) {
    const bool required = context.board.signatures_required;
    return {
        .archive = {.capacity = storage::capacity_after_format(card),
                    .required_files = context.board.boot_files},
        .keys = trusted_keys(context),
        .signature = required ? medkit::SignatureNeed::required : medkit::SignatureNeed::optional,
    };
}

/// USB drives first, also those that show up late; then the card itself.
awaitable<Expected<ChosenMedkit>> find_medkit(ModeContext& context, const medkit::VerifyRules& rules) {
    const auto search = [&](DriveRole role) {
        return on_own_thread([&context, &rules, role] {
            return search_medkits(context, role, rules, context.progress.bytes());
        });
    };
    std::vector<SearchResult> searches(1);
    const auto deadline = Clock::now() + wait_for_usb_drives;
    do {
        auto usb = co_await search(DriveRole::usb);
        if (!usb) co_return pass_on(usb);
        if (usb->chosen) co_return std::move(*usb->chosen);
        searches.front() = std::move(*usb);
    } while (co_await context.drives.change_before(deadline));

    auto card = co_await search(DriveRole::card);
    if (!card) co_return pass_on(card);
    if (card->chosen) co_return std::move(*card->chosen);
    searches.push_back(std::move(*card));
    co_return std::unexpected(nothing_chosen(searches));
}

/// The card will be written, so nothing on it may be needed any more: its medkit is taken to memory.
Expected<void> free_the_card(ModeContext& context, ChosenMedkit& chosen) {
    context.progress.next_step();
    if (chosen.candidate.drive != DriveRole::card) return {};
    auto copy = medkit::copy_to_ram(std::move(chosen.medkit), context.progress.bytes());
    if (!copy) return pass_on(copy);
    chosen.medkit = std::move(*copy);
    auto unmounted = chosen.source->unmount();
    chosen.source.reset();
    return unmounted;
}

void say_what_vouches(Log& log, const medkit::VerifiedMedkit& medkit) {
    switch (medkit.trust) {
        case medkit::Trust::signed_by_trusted_key:
            log.info("the medkit is signed by trusted key " + medkit.signer);
            break;
        case medkit::Trust::hashed:
            log.warning("the medkit is NOT SIGNED; it is undamaged (checksum), but anybody can have made it");
            break;
        case medkit::Trust::bare:
            log.warning("the medkit is NOT VERIFIED: no signature and no checksum file stands beside it");
            break;
    }
}

/// Everything that may fail freely: from here on it is known what will be written, how, and that it fits.
Expected<Installation> prepare(const ChosenMedkit& chosen, storage::Drive card) {
    auto report = storage::examine_card(card);
    if (!report) return pass_on(report);
    auto plan = plan_card(*report, space_needed(chosen.medkit), storage::capacity_after_format(card));
    if (!plan) return pass_on(plan, chosen.candidate.place + ": " + chosen.candidate.name);
    return Installation{.medkit = chosen.medkit,
                        .card = std::move(card),
                        .report = std::move(*report),
                        .plan = std::move(*plan),
                        .mode = selection::Mode::reflash_from_drive};
}

void say_the_plan(Log& log, const ChosenMedkit& chosen, const Installation& installation) {
    const auto& summary = chosen.medkit.base.summary;
    const auto version = summary.version.empty() ? "of unknown version" : "version " + summary.version;
    log.info("installing " + chosen.candidate.name + " (" + version + ", " + std::to_string(summary.entries) +
             " entries, " + to_text(summary.unpacked) + ") on " + installation.card.describe());
    const bool beside = installation.plan.approach == Approach::build_beside;
    log.info(beside ? "the new system is built beside the old one, then switched"
                    : "the card is partitioned and formatted: " + installation.plan.reason);
}

Expected<void> prepare_and_install(ModeContext& context, ChosenMedkit& chosen, const storage::Drive& card) {
    say_what_vouches(context.log, chosen.medkit);
    if (auto freed = free_the_card(context, chosen); !freed) return freed;
    auto installation = prepare(chosen, card);
    if (!installation) return pass_on(installation);
    if (!installation->report.warning.empty()) context.log.warning(installation->report.warning);
    say_the_plan(context.log, chosen, *installation);
    if (context.execution == Execution::dry_run) {
        context.log.info("dry run: nothing was written");
        return {};
    }
    auto installed = install(context, *installation);
    if (installed) context.progress.finish();
    return installed;
}

}  // namespace

awaitable<Expected<Afterwards>> reflash_from_drive(ModeContext& context) {
    context.progress.plan(steps());
    context.progress.next_step();
    auto card = card_in_slot(context);
    if (!card) co_return pass_on(card);
    auto chosen = co_await find_medkit(context, rules_for(context, *card));
    if (!chosen) co_return pass_on(chosen);
    auto done = co_await on_own_thread([&] { return prepare_and_install(context, *chosen, *card); });
    if (!done) co_return pass_on(done);
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
