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
#include "medkit/extended_attributes.hpp"
#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "snapshots/info_file.hpp"

namespace mox::backup {

/// How exports are made.
struct ExportRules {
    ExcludeList left_out;
    std::filesystem::path overlay;           ///< empty: none
    std::string password;                    ///< empty: not encrypted
    const medkit::SecretKey* key = nullptr;  ///< to sign with
    Existing existing = Existing::keep;      ///< a backup of the same name
};

struct Exported {
    std::vector<std::filesystem::path> files;  ///< the archive first, then what stands beside it
    Bytes packed;
    std::vector<std::string> left_out;  ///< sockets: an archive cannot hold them
    medkit::LeftOutAttributes left_out_attributes;
};

/// What the names of a board's exports begin with, by the bytes of /proc/device-tree/compatible: "mox",
/// "omnia", "turris1x", "omnia-ng", otherwise "schnapps", as routers in the field have it.
[[nodiscard]] std::string board_prefix(std::string_view compatible);

/// The name of an exported medkit without its ending: "mox-medkit-turris-5", which mode 4 accepts. Characters
/// of the host name that are not fit for every file system become "_".
[[nodiscard]] std::string export_name(std::string_view board, std::string_view hostname,
                                      std::string_view number_or_date);

/// Packs the tree in an open directory as FOLDER/NAME.tar.gz, with .sha256 and .md5, .sig when there is a
/// key, and NAME.info. With a password it is NAME.tar.gz.gpg, which mode 4 cannot read. All files appear
/// together and can be read by their owner alone (export_files.hpp). Errors: `medkit`; nothing is left behind
/// then.
[[nodiscard]] Expected<Exported> export_to_folder(int tree, const std::filesystem::path& folder,
                                                  const std::string& name,
                                                  const snapshots::SnapshotInfo& info,
                                                  const ExportRules& rules, const ByteProgress& progress);

/// The archive alone, into an open file such as standard output. Errors: `medkit`.
[[nodiscard]] Expected<Exported> export_to_stream(int tree, int output, const ExportRules& rules,
                                                  const ByteProgress& progress);

}  // namespace mox::backup
