#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "medkit/verify.hpp"

namespace mox::update {

/// What a new system is made of.
struct SystemParts {
    const medkit::VerifiedMedkit& medkit;
    const board::Description& board;
    std::string root_device;  ///< ROOT_DEV of /etc/schnapps/config
};

/// Names of the steps that `build_system` takes from the plan, in order.
inline constexpr std::string_view unpacking_step = "unpacking";
inline constexpr std::string_view storing_step = "storing on the card";

/// Builds a whole system as the new subvolume `name` of the top level `top`: content of the medkit (and its
/// -extra), /etc/schnapps/config; syncs it, and reads its boot files back from the card. Takes two steps of
/// `progress`. Errors: `card`, `medkit`; the subvolume is left for the caller to delete.
[[nodiscard]] Expected<void> build_system(int top, std::string_view name, const SystemParts& parts,
                                          Progress& progress);

}  // namespace mox::update
