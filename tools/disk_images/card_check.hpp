#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "board/description.hpp"
#include "disk_images/old_system.hpp"
#include "medkit/archive.hpp"
#include "storage/drive.hpp"

namespace mox::disk_images {

/// One thing that was looked at, and how it is.
struct Check {
    std::string subject;
    std::string found;
    bool ok = false;
};

/// What the card should hold after a re-flash.
struct ExpectedCard {
    const board::Description& board;
    const OldSystem& old;
    const medkit::ArchiveSummary& medkit;
    /// The new system has run since, and has changed itself: its content is counted in the factory snapshot.
    bool booted_since = false;
};

/// Mounts the card afresh, read-only, and looks at what is there now.
/// Errors: only if it cannot be looked at at all.
[[nodiscard]] Expected<std::vector<Check>> check_card(const storage::Drive& card,
                                                      const ExpectedCard& expected);

/// The same for a card that no mode was meant to change: the old system and its user's data are still there.
[[nodiscard]] Expected<std::vector<Check>> check_untouched_card(const storage::Drive& card,
                                                                const OldSystem& old);

/// "ok      version            7.2.3"
[[nodiscard]] std::string to_line(const Check& check);

}  // namespace mox::disk_images
