#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "base/error.hpp"
#include "storage/drive.hpp"
#include "storage/drives.hpp"
#include "update/context.hpp"

namespace mox::update {

/// How long a card may take to show up: a mode that is forced runs half a second after the kernel has
/// started, and the kernel is not done with the card by then.
inline constexpr std::chrono::seconds wait_for_card{5};

/// The drive that has the card's role now. Errors (`card`): there is none in the slot; as `drives`.
[[nodiscard]] Expected<storage::Drive> card_now(storage::Drives& drives);

/// The router's card, as soon as it is there. Errors (`card`): there is none in the slot.
[[nodiscard]] boost::asio::awaitable<Expected<storage::Drive>> card_in_slot(Context& context);

}  // namespace mox::update
