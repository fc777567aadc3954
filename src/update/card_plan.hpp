#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"
#include "storage/card.hpp"

namespace mox::update {

/// How a new system gets onto the card.
enum class Approach {
    build_beside,  ///< new subvolume beside the old system, then one atomic switch
    format,        ///< partition and format: the card holds nothing of use to us
};

struct CardPlan {
    Approach approach = Approach::format;
    std::string reason;  ///< for people: why the card is formatted; empty when it is not
};

/// What a medkit needs on the card: its files, rounded up to blocks, and room for the file system's own data.
[[nodiscard]] Bytes space_needed(const medkit::VerifiedMedkit& medkit);

/// Pure: decides from what was found on the card. Errors (`medkit`): it does not even fit an empty card.
[[nodiscard]] Expected<CardPlan> plan_card(const storage::CardReport& card, Bytes needed,
                                           Bytes capacity_after_format);

/// The card's room at the moment of a failure, and after formatting.
struct CardRoom {
    Bytes free{};  ///< left when it failed
    Bytes needed{};
    Bytes capacity_after_format{};
};

enum class AfterFailedBuild { format, leave_old_system };

/// Pure: what to do when the new system could not be built beside the old one. The card is formatted only if
/// the card is the reason and formatting cures it: it cannot be read or written (EIO, EROFS, EUCLEAN: btrfs
/// found damage), or it is full (ENOSPC) and the system fits after formatting. An ENOSPC on a card that has
/// room for a whole system is not about room (an attribute that is too large) and would come again.
[[nodiscard]] AfterFailedBuild after_failed_build(const Error& error, const CardRoom& room);

}  // namespace mox::update
