#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/exclude_list.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/units.hpp"
#include "medkit/secret_key.hpp"
#include "snapshots/info_file.hpp"

namespace mox::backup {

/// How exports are made.
struct ExportRules {
    ExcludeList left_out;
    std::filesystem::path overlay;           ///< empty: none
    std::string password;                    ///< empty: not encrypted
    const medkit::SecretKey* key = nullptr;  ///< to sign with
};

struct Exported {
    std::vector<std::filesystem::path> files;  ///< the archive first, then what stands beside it
    Bytes packed;
    std::vector<std::string> left_out;  ///< sockets: an archive cannot hold them
};

/// The name of an exported medkit without its ending, which mode 4 accepts: "mox-medkit-turris-5". Characters
/// of the host name that are not fit for every file system become "_".
[[nodiscard]] std::string export_name(std::string_view hostname, std::string_view number_or_date);

/// Packs the tree in an open directory as FOLDER/NAME.tar.gz, with .sha256 and .md5, .sig when there is a
/// key, and NAME.info. With a password it is NAME.tar.gz.gpg, which mode 4 cannot read. Every file is there
/// completely or not at all. Errors: `medkit`.
[[nodiscard]] Expected<Exported> export_to_folder(int tree, const std::filesystem::path& folder,
                                                  const std::string& name,
                                                  const snapshots::SnapshotInfo& info,
                                                  const ExportRules& rules, const ByteProgress& progress);

/// The archive alone, into an open file such as standard output. Errors: `medkit`.
[[nodiscard]] Expected<Exported> export_to_stream(int tree, int output, const ExportRules& rules,
                                                  const ByteProgress& progress);

}  // namespace mox::backup
