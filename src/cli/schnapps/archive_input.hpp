#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backup/archive_source.hpp"
#include "base/error.hpp"
#include "base/interruption.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/session.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/top_level.hpp"
#include "update/medkit_download.hpp"

namespace mox::cli::schnapps {

// What `import`, `import -f` and `update-factory` share: an archive becomes a snapshot or the factory image.

/// Reads a small file below a directory. Errors: `internal`.
[[nodiscard]] Expected<std::string> text_below(int directory, const std::string& path);

/// The files that the router of this machine needs to boot; none for an unknown router; on a PC those of a
/// MOX. Errors (`internal`): a board file is wrong (board/board_file.hpp).
[[nodiscard]] Expected<std::vector<std::vector<std::string>>> boot_files();

/// A change that holds the lock only for parts of its time: signals are refused from its first `begin` to its
/// end.
class Change {
public:
    Change(const Session& session, const snapshots::TopLevel& top) : session_(session), top_(top) {}

    Expected<snapshots::Writer> begin() {
        auto writer = session_.begin(top_);
        if (!writer || commit_) return writer;
        auto commit = TRY(mox::Commit::begin());
        commit_.emplace(std::move(commit));
        return writer;
    }

private:
    const Session& session_;
    const snapshots::TopLevel& top_;
    std::optional<mox::Commit> commit_;
};

[[nodiscard]] Expected<backup::SourceRules> source_rules(const std::filesystem::path& keys,
                                                         const std::string& password, bool force);

/// Verifies the archive, with a bar on a terminal. Errors: as backup::open_source.
[[nodiscard]] Expected<backup::ArchiveSource> verified(const std::filesystem::path& file,
                                                       const backup::SourceRules& rules,
                                                       const snapshots::TopLevel& top);

/// What becomes of the info file of an archive on the card.
using ChangeInfo = std::function<snapshots::SnapshotInfo(snapshots::SnapshotInfo)>;

/// Imports a file as a snapshot. Returns the text for standard output. Errors: `medkit`, `card`, `snapshot`.
[[nodiscard]] Expected<std::string> import_file(const Import& command, const Session& session,
                                                const ChangeInfo& stored_info);

/// Prints what was verified, and the warnings.
void print_warnings(const backup::ArchiveSource& source, const Session& session);

/// Makes an archive the factory image. `source`: a file, an address, or empty for the latest medkit. Returns
/// the text for standard output. Errors: `network`, `medkit`, `card`.
[[nodiscard]] Expected<std::string> install_as_factory(const std::string& source,
                                                       update::Companions companions,
                                                       const backup::SourceRules& rules,
                                                       const Session& session);

}  // namespace mox::cli::schnapps
