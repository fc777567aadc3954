#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/verify.hpp"
#include "storage/card.hpp"

namespace mox::modes {

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

}  // namespace mox::modes
