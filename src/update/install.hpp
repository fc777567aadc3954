#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "boot/mode.hpp"
#include "medkit/verify.hpp"
#include "storage/card.hpp"
#include "update/card_plan.hpp"
#include "update/context.hpp"

namespace mox::update {

/// A verified medkit, the card that it is installed on, and how. All checks that do not need a write are
/// done.
// No default values, so that the compiler warns of a missing one: with a wrong `mode` another mode would run
// again. NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct Installation {
    const medkit::VerifiedMedkit& medkit;
    storage::Drive card;
    storage::CardReport report;
    CardPlan plan;
    /// Starts again automatically if it is interrupted while the card holds no system.
    boot::Mode mode;
};

/// The steps of the plan of Context::progress that `install` uses.
[[nodiscard]] std::vector<StepPlan> installation_steps();

/// Puts the system of the medkit on the card and erases the old one completely (the manual: "erases all
/// settings and all data"). The restart contract is at the top of install.cpp. Errors: `card`, `medkit`,
/// `internal`.
[[nodiscard]] Expected<void> install(Context& context, const Installation& installation);

}  // namespace mox::update
