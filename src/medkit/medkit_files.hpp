#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// How the medkits of a router are called. The value of a router: update/medkit_names.hpp.
struct NamePattern {
    std::string variant = {};   ///< of its contract: "" or "-contract-X"
    std::string board = "mox";  ///< board::Description::medkit_prefix
};

/// The name under which a server has the latest medkit: "mox-medkit-contract-X-latest.tar.gz".
[[nodiscard]] std::string latest_name(const NamePattern& pattern);

/// One medkit on a drive: names in one directory; the files are not read yet.
struct MedkitFiles {
    std::string archive;                                ///< "mox-medkit-latest (1).tar.gz"
    std::optional<std::string> signature, sha256, md5;  ///< names of the files beside it

    /// "NAME-extra.tar.gz" beside "NAME.tar.gz", unpacked over it, with its own signature and checksums.
    std::optional<std::string> extra;
    std::optional<std::string> extra_signature, extra_sha256, extra_md5;

    /// "NAME-rescue.fit.lzma" beside "NAME.tar.gz": the rescue system for the flash, with its own signature.
    std::optional<std::string> rescue_image, rescue_image_signature;

    /// The name is that of another contract than this router's: used only if there is no other medkit.
    bool for_other_contract = false;

    /// A browser or a user has changed the name of the archive (file_name.hpp).
    bool altered_name = false;

    auto operator<=>(const MedkitFiles&) const = default;
};

/// The meaning of a name in the root directory of a drive, for a router with one name pattern.
enum class MedkitName {
    none,                ///< not a medkit
    medkit,              ///< a medkit for this router
    for_other_contract,  ///< a medkit for routers under another contract
};

/// Matches a name with the accepted ones; with the pattern's board "mox" and variant V:
/// `mox-medkitV*.tar.gz`, `medkit-moxV.tar.gz`, `medkit-moxV-*.tar.gz`; `*` matches any text, also blanks and
/// brackets. Letters of both cases are accepted, because FAT drives and users change them. Names that
/// browsers and systems have changed are accepted too (file_name.hpp): `mox-medkit-latest.tar (1).gz`,
/// `.tgz`.
///
/// The first one also matches names of other contracts (`mox-medkit-contract-Y-latest.tar.gz` without a
/// contract, `-contract-XY-` under contract X). Such a file is accepted with the lowest priority: the user
/// has put it there, and the router may have lost its boot environment.
///
/// Dotfiles (macOS writes `._mox-medkit-latest.tar.gz`), unfinished downloads, archives that a browser has
/// unpacked (`.tar`), and the files beside a medkit are not medkits.
[[nodiscard]] MedkitName read_name(std::string_view name, const NamePattern& pattern);

/// Groups the names of one directory into medkits: names as published first, then altered ones, both sorted.
///
/// The files that belong to NAME.tar.gz are NAME.tar.gz.sig, .sha256, .md5, NAME-extra.tar.gz and
/// NAME-rescue.fit.lzma. Of several matching files the first of these is used:
///   1. the exact name;
///   2. the same in letters of the other case;
///   3. an altered name (file_name.hpp) with the same copy mark: "X.tar.gz (1).sig" for "X (1).tar.gz";
///   4. one without a mark: "X.tar.gz.sig" for "X (1).tar.gz";
///   5. any other copy of it: "X.tar.gz (2).sig";
///   6. for "X-1.tar.gz", which may be the name of a copy or of a backup, a file that belongs to "X";
///   7. an unfinished download of a signature or checksum.
/// So no signature that could belong to a medkit is ignored: it must match.
///
/// An extra archive without its base is listed as a medkit: verification reports what is missing in it.
[[nodiscard]] std::vector<MedkitFiles> group_medkits(std::vector<std::string> names,
                                                     const NamePattern& pattern);

/// The medkits in a directory.
struct MedkitListing {
    std::vector<MedkitFiles> medkits;
    /// A message for each file that looks like a part of a medkit but is not used, with its name and reason:
    /// "mox-medkit-latest.tar looks like a medkit, but ...".
    std::vector<std::string> not_used;
};

/// The same, also with messages about unused names. Calls `is_directory` for unused names. Pure otherwise.
[[nodiscard]] MedkitListing list_medkits(std::vector<std::string> names, const NamePattern& pattern,
                                         const std::function<bool(const std::string&)>& is_directory);

/// Lists the medkits in an open directory, with messages about unused names. A directory, symlink or device
/// with the name of a medkit is listed too; its verification fails with a clear message. Errors (`medkit`):
/// the directory cannot be read.
[[nodiscard]] Expected<MedkitListing> find_medkits(int directory, const NamePattern& pattern);

/// The file `archive` of an open directory (a medkit or another file) and the files that belong to it. Does
/// not check that `archive` exists. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<MedkitFiles> find_beside(int directory, const std::string& archive);

/// A file name for messages: control characters and bytes that are not UTF-8 become `?`, so that a name on a
/// drive cannot control the terminal.
[[nodiscard]] std::string printable_name(std::string_view name);

}  // namespace mox::medkit
