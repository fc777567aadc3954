#include "modes/card_in_slot.hpp"

#include <algorithm>

namespace mox::modes {

namespace {

Expected<storage::Drive> look_for_card(ModeContext& context) {
    auto drives = context.drives.plugged_in();
    if (!drives) return pass_on(drives);
    const auto card = std::ranges::find(*drives, storage::DriveRole::card, &storage::Drive::role);
    if (card == drives->end())
        return fail(ErrorKind::card, "there is no card in the slot. Insert a microSD card and try again");
    return *card;
}

}  // namespace

boost::asio::awaitable<Expected<storage::Drive>> card_in_slot(ModeContext& context) {
    const auto deadline = Clock::now() + wait_for_card;
    for (;;) {
        auto card = look_for_card(context);
        if (card || !co_await context.drives.change_before(deadline)) co_return card;
    }
}

}  // namespace mox::modes
