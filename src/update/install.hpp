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

/// A verified medkit, the card it goes on, and how. Everything was checked that can be checked without
/// writing.
// Without defaults, so that the compiler warns when one is left out: another mode would run again.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct Installation {
    const medkit::VerifiedMedkit& medkit;
    storage::Drive card;
    storage::CardReport report;
    CardPlan plan;
    /// Runs again by itself if it is interrupted while there is no system.
    boot::Mode mode;
};

/// Steps that `install` takes from the plan of Context::progress.
[[nodiscard]] std::vector<StepPlan> installation_steps();

/// Puts the medkit's system on the card; nothing of the old one is left (the manual: "erases all settings and
/// all data"). The restart contract is on top of install.cpp. Errors: `card`, `medkit`, `internal`.
[[nodiscard]] Expected<void> install(Context& context, const Installation& installation);

}  // namespace mox::update
