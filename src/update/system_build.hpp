#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "board/description.hpp"
#include "medkit/verify.hpp"

namespace mox::update {

/// The input of build_system.
struct SystemParts {
    const medkit::VerifiedMedkit& medkit;
    const board::Description& board;
    std::string root_device;  ///< ROOT_DEV of /etc/schnapps/config
    std::string installed;    ///< date and time of the installation
};

/// What the owner is told later about the system on the card, one line: "re-flashed by the rescue system on
/// DATE from FILE, signed by key NUMBER". Pure.
[[nodiscard]] std::string origin_of_system(const medkit::VerifiedMedkit& medkit, std::string_view date);

/// Names of the steps of the plan that `build_system` uses, in order.
inline constexpr std::string_view unpacking_step = "unpacking";
inline constexpr std::string_view storing_step = "storing on the card";

/// Builds a whole system as the new subvolume `name` of the top level `top`: unpacks the medkit (and its
/// -extra), writes /etc/schnapps/config and /etc/schnapps/installed, syncs, and reads the boot files back
/// from the card. Uses two steps of `progress`. Errors: `card`, `medkit`; the caller must delete the
/// subvolume then.
[[nodiscard]] Expected<void> build_system(int top, std::string_view name, const SystemParts& parts,
                                          Progress& progress);

}  // namespace mox::update
