#pragma once

#include <string>

#include "base/error.hpp"
#include "boot/mode.hpp"
#include "medkit/keys.hpp"
#include "medkit/verify.hpp"
#include "storage/drive.hpp"
#include "update/context.hpp"

namespace mox::update {

/// The trusted keys: those of the rescue image, and those in `rescue_keys` of the boot environment or the
/// kernel command line (base64, separated by blanks). A user who can write there already controls the router.
[[nodiscard]] medkit::TrustedKeys trusted_keys(const Context& context);

/// The rules for a medkit that this router installs on `card`.
[[nodiscard]] medkit::VerifyRules installation_rules(const Context& context, const storage::Drive& card);

/// medkit::verify_medkit by the rules for a card. Errors: as verify_medkit; `card`: the medkit is in order,
/// but too large for this card.
[[nodiscard]] Expected<medkit::VerifiedMedkit> verify_for_card(int directory,
                                                               const medkit::MedkitFiles& files,
                                                               const medkit::VerifyRules& rules,
                                                               const ByteProgress& progress);

/// A verified medkit with its name and source for messages.
struct MedkitToInstall {
    const medkit::VerifiedMedkit& medkit;
    std::string name;
    std::string place;  ///< its source: "USB drive SanDisk (sda1, FAT32)"
};

/// Decides how the medkit is put on the card, logs it and what is on the card, asks the user
/// (Context::confirm), and installs it (the restart contract is in install.cpp); a dry run ends before the
/// question. What the user has confirmed must still hold afterwards: another medium in the card reader is an
/// error. If it is interrupted while the card holds no system,
/// `mode` starts again automatically. Uses the steps of installation_steps(). Errors: `card`, `medkit`,
/// `internal`.
[[nodiscard]] Expected<void> install_medkit(Context& context, const MedkitToInstall& chosen,
                                            const storage::Drive& card, boot::Mode mode);

}  // namespace mox::update
