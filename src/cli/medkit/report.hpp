#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "medkit/archive.hpp"
#include "medkit/copy_medkit.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/pack.hpp"
#include "medkit/verify.hpp"
#include "update/fetch_medkit.hpp"

namespace mox::cli {

/// One group of a board's boot files, and which of its members the archive holds.
struct BootFile {
    std::vector<std::string> alternatives;
    std::string found;  ///< empty: none; the board does not boot then
};

/// The result of `medkit inspect`. It is not checked against a signature or a checksum.
struct Inspection {
    medkit::MedkitFiles files;
    medkit::ArchiveSummary summary;
    std::vector<BootFile> boot_files;
    std::string signature;  ///< the key in the .sig ("key dcb20e535c62dd5b"), or why it cannot be read
};

// Reports as text, and as JSON (an object that ends with a line break).

[[nodiscard]] std::string report(const Inspection& inspection);
[[nodiscard]] std::string report_json(const Inspection& inspection);

[[nodiscard]] std::string report(const medkit::VerifiedMedkit& medkit);
[[nodiscard]] std::string report_json(const medkit::VerifiedMedkit& medkit);

/// "mox-medkit-latest.tar.gz, version 9.0, signed by key dcb20e535c62dd5b"
[[nodiscard]] std::string short_report(const medkit::VerifiedMedkit& medkit);

/// The result of `medkit get`.
[[nodiscard]] std::string report(const update::FetchedMedkit& fetched);
[[nodiscard]] std::string report_json(const update::FetchedMedkit& fetched, const std::string& url);

/// The result of `medkit stick`.
struct FilledStick {
    std::string target;  ///< "USB drive SanDisk Ultra (sdb1, FAT32)", "/media/me/stick"
    bool formatted = false;
    bool still_in_use = false;  ///< another program has mounted it
    std::vector<medkit::CopiedFile> files;
};
[[nodiscard]] std::string report(const FilledStick& stick, const medkit::VerifiedMedkit& medkit);
[[nodiscard]] std::string report_json(const FilledStick& stick, const medkit::VerifiedMedkit& medkit);

/// `directory`: the packed one.
[[nodiscard]] std::string report(const medkit::PackedMedkit& packed, const std::filesystem::path& directory);
[[nodiscard]] std::string report_json(const medkit::PackedMedkit& packed);

}  // namespace mox::cli
