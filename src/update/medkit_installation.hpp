#pragma once

#include <string>

#include "base/error.hpp"
#include "boot/mode.hpp"
#include "medkit/keys.hpp"
#include "medkit/verify.hpp"
#include "storage/drive.hpp"
#include "update/context.hpp"

namespace mox::update {

/// Whose signatures count: the keys of the rescue image, and those that the boot environment or the kernel
/// command line name (`rescue_keys`, base64, blanks between them): whoever can write there has the router in
/// his hands anyway.
[[nodiscard]] medkit::TrustedKeys trusted_keys(const Context& context);

/// What a medkit must be for this router to put it on `card`.
[[nodiscard]] medkit::VerifyRules installation_rules(const Context& context, const storage::Drive& card);

/// A verified medkit, as people know it.
struct MedkitToInstall {
    const medkit::VerifiedMedkit& medkit;
    std::string name;
    std::string place;  ///< where it comes from: "USB drive SanDisk (sda1, FAT32)"
};

/// Decides how the medkit gets onto the card, says so, and installs it (install.hpp has the restart
/// contract); a dry run ends before anything is written. If it is interrupted while the card holds no system,
/// `mode` runs again by itself. Takes the steps of installation_steps(). Errors: `card`, `medkit`,
/// `internal`.
[[nodiscard]] Expected<void> install_medkit(Context& context, const MedkitToInstall& chosen,
                                            const storage::Drive& card, boot::Mode mode);

}  // namespace mox::update
