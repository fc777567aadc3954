#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/export_medkit.hpp"
#include "backup/work_subvolume.hpp"
#include "base/error.hpp"
#include "base/interruption.hpp"
#include "cli/schnapps/session.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/top_level.hpp"

namespace mox::cli::schnapps {

// What `export` and `upload` share: a snapshot, or the current system, becomes an archive.

/// The rules of the configuration below `root`. Errors: as backup::load_exclude_lists.
[[nodiscard]] Expected<backup::ExportRules> export_rules(const std::filesystem::path& root,
                                                         const std::string& password);

/// The tree to export: a copy that no other process changes or deletes meanwhile, with its info file.
struct ExportSource {
    backup::WorkSubvolume tree;
    snapshots::SnapshotInfo info;
    std::string name;
    std::vector<std::string> nested;  ///< subvolumes inside it, which the copy does not have
};

/// Makes the copy to export. nullopt: of the current system. Signals can stop the export from here on
/// (`interruption`); the copy is deleted with the source.
[[nodiscard]] Expected<ExportSource> find_export_source(std::optional<snapshots::Number> number,
                                                        const snapshots::TopLevel& top,
                                                        const Session& session,
                                                        std::optional<Interruption>& interruption);

/// Prints what the archive does not contain.
void print_left_out(const ExportSource& source, const backup::Exported& exported, const Session& session);

}  // namespace mox::cli::schnapps
