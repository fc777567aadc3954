#include "update/card_in_slot.hpp"

#include <algorithm>

namespace mox::update {

Expected<storage::Drive> card_now(storage::Drives& drives) {
    auto plugged_in = TRY(drives.plugged_in());
    const auto card = std::ranges::find(plugged_in, storage::DriveRole::card, &storage::Drive::role);
    if (card == plugged_in.end())
        return fail(ErrorKind::card, "there is no card in the slot", {"insert a microSD card and try again"});
    return *card;
}

boost::asio::awaitable<Expected<storage::Drive>> card_in_slot(Context& context) {
    const auto deadline = Clock::now() + wait_for_card;
    for (;;) {
        auto card = card_now(context.drives);
        if (card || !co_await context.drives.change_before(deadline)) co_return card;
    }
}

}  // namespace mox::update
