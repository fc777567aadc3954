#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/exclude_list.hpp"
#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/entry_policy.hpp"
#include "medkit/extended_attributes.hpp"
#include "medkit/keys.hpp"
#include "medkit/piece_compressor.hpp"
#include "medkit/secret_key.hpp"
#include "snapshots/info_file.hpp"

namespace mox::backup {

/// Options of an export.
struct ExportRules {
    ExcludeList left_out;
    std::filesystem::path overlay;           ///< empty: none
    std::string password;                    ///< empty: not encrypted
    const medkit::SecretKey* key = nullptr;  ///< signs the export; null: not signed
    Existing existing = Existing::keep;      ///< for a backup of the same name
    medkit::CompressionLevel level{};
    medkit::FileGroups wanted_files{};  ///< the router's boot files; Exported::missing lists the others
};

struct Exported {
    std::vector<std::filesystem::path> files;  ///< the archive first, then its companions
    Bytes packed;
    std::vector<std::string> left_out;  ///< sockets, which an archive cannot hold
    medkit::LeftOutAttributes left_out_attributes;
    medkit::FileGroups missing;  ///< of ExportRules::wanted_files: without them mode 4 refuses the export
};

/// The prefix of export names for a board, from the bytes of /proc/device-tree/compatible: "mox", "omnia",
/// "turris1x", "omnia-ng", otherwise "schnapps", as on routers in the field.
[[nodiscard]] std::string board_prefix(std::string_view compatible);

/// The name of an exported medkit without its ending: "mox-medkit-turris-5", which mode 4 accepts. Characters
/// of the host name that are not valid on every file system become "_".
[[nodiscard]] std::string export_name(std::string_view board, std::string_view hostname,
                                      std::string_view number_or_date);

/// Packs the tree in an open directory as DIRECTORY/NAME.tar.gz, with .sha256 and .md5, .sig if there is a
/// key, and NAME.info. With a password it is NAME.tar.gz.gpg, which mode 4 cannot read. All files appear
/// together and only their owner can read them (export_files.hpp). Errors: `medkit`; no file is left behind
/// then.
[[nodiscard]] Expected<Exported> export_to_directory(int tree, const std::filesystem::path& directory,
                                                     const std::string& name,
                                                     const snapshots::SnapshotInfo& info,
                                                     const ExportRules& rules, const ByteProgress& progress);

/// Writes only the archive, into an open file such as standard output. Errors: `medkit`.
[[nodiscard]] Expected<Exported> export_to_stream(int tree, int output, const ExportRules& rules,
                                                  const ByteProgress& progress);

}  // namespace mox::backup
