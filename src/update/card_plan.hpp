#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"
#include "storage/card.hpp"

namespace mox::update {

/// How a new system is put on the card.
enum class Approach {
    build_beside,  ///< new subvolume beside the old system, then one atomic switch
    format,        ///< partition and format: the card has no usable system or not enough free space
};

struct CardPlan {
    Approach approach = Approach::format;
    std::string reason;  ///< for messages: why the card is formatted; empty if it is not
};

/// The space that a medkit needs on the card: its files, rounded up to blocks, and metadata of the file
/// system.
[[nodiscard]] Bytes space_needed(const medkit::VerifiedMedkit& medkit);

/// Decides how to put the system on the card. Pure. Errors (`card`): the medkit does not fit even on
/// the empty card.
[[nodiscard]] Expected<CardPlan> plan_card(const storage::CardReport& card, Bytes needed,
                                           Bytes capacity_after_format);

/// The space on the card at the moment of a failure, and after formatting.
struct CardSpace {
    Bytes free{};  ///< at the moment of the failure
    Bytes needed{};
    Bytes capacity_after_format{};
};

enum class AfterFailedBuild { format, leave_old_system };

/// Decides what to do when the new system could not be built beside the old one. Pure. The card is formatted
/// only if the card is the cause and formatting removes it: the card cannot be read or written (EIO, EROFS,
/// EUCLEAN: btrfs found damage), or it is full (ENOSPC) and the system fits after formatting. ENOSPC on a
/// card with enough free space for a whole system has another cause (an attribute that is too large) and
/// would occur again.
[[nodiscard]] AfterFailedBuild after_failed_build(const Error& error, const CardSpace& space);

}  // namespace mox::update
