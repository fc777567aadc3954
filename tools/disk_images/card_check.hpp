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

/// The result of one check.
struct Check {
    std::string subject;
    std::string found;
    bool ok = false;
};

/// The expected content of the card after a re-flash.
struct ExpectedCard {
    const board::Description& board;
    const OldSystem& old;
    const medkit::ArchiveSummary& medkit;
    /// The new system has run since then and has changed its files: the check counts the files of the factory
    /// snapshot.
    bool booted_since = false;
};

/// Mounts the card again, read-only, and checks its content. Errors: only if the card cannot be read.
[[nodiscard]] Expected<std::vector<Check>> check_card(const storage::Drive& card,
                                                      const ExpectedCard& expected);

/// The same for a card that no mode should have changed: the old system and the user's data still exist.
[[nodiscard]] Expected<std::vector<Check>> check_untouched_card(const storage::Drive& card,
                                                                const OldSystem& old);

/// "ok      version            7.2.3"
[[nodiscard]] std::string to_line(const Check& check);

}  // namespace mox::disk_images
