#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "base/error.hpp"
#include "storage/drive.hpp"
#include "storage/drives.hpp"
#include "update/context.hpp"

namespace mox::update {

/// How long to wait for the card: a forced mode runs half a second after the start of the kernel, before the
/// kernel has initialized the card.
inline constexpr std::chrono::seconds wait_for_card{5};

/// The drive that has the role of the card now. Errors: `card`: no card is in the slot; those of `drives`.
[[nodiscard]] Expected<storage::Drive> card_now(storage::Drives& drives);

/// Waits for the router's card, at most `wait_for_card`. Errors (`card`): no card is in the slot.
[[nodiscard]] boost::asio::awaitable<Expected<storage::Drive>> card_in_slot(Context& context);

}  // namespace mox::update
