#include "modes/reflash.hpp"

#include <string>
#include <utility>
#include <vector>

#include "medkit/ram_copy.hpp"
#include "modes/blocking_work.hpp"
#include "modes/card_in_slot.hpp"
#include "modes/install.hpp"
#include "modes/medkit_installation.hpp"
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

Expected<void> free_and_install(ModeContext& context, ChosenMedkit& chosen, const storage::Drive& card) {
    if (auto freed = free_the_card(context, chosen); !freed) return freed;
    return install_medkit(context, {chosen.medkit, chosen.candidate.name, chosen.candidate.place}, card,
                          selection::Mode::reflash_from_drive);
}

}  // namespace

awaitable<Expected<Afterwards>> reflash_from_drive(ModeContext& context) {
    context.progress.plan(steps());
    context.progress.next_step();
    auto card = co_await card_in_slot(context);
    if (!card) co_return pass_on(card);
    auto chosen = co_await find_medkit(context, installation_rules(context, *card));
    if (!chosen) co_return pass_on(chosen);
    auto done = co_await on_own_thread([&] { return free_and_install(context, *chosen, *card); });
    if (!done) co_return pass_on(done);
    co_return Afterwards::reboot;
}

}  // namespace mox::modes
