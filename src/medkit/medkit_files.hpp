#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// One medkit as it lies on a drive: names in one directory, not looked into yet.
struct MedkitFiles {
    std::string archive;                                ///< "mox-medkit-latest (1).tar.gz"
    std::optional<std::string> signature, sha256, md5;  ///< names of what stands beside it

    /// "NAME-extra.tar.gz" beside "NAME.tar.gz", unpacked over it, with its own signature and checksums.
    std::optional<std::string> extra;
    std::optional<std::string> extra_signature, extra_sha256, extra_md5;

    /// "NAME-rescue.fit.lzma" beside "NAME.tar.gz": the rescue system for the flash, with its own signature.
    std::optional<std::string> rescue_image, rescue_image_signature;

    /// Named for a contract that this router is not under: taken only when there is no other.
    bool for_other_contract = false;

    /// A browser or a person has changed the name of the archive (file_name.hpp).
    bool altered_name = false;

    auto operator<=>(const MedkitFiles&) const = default;
};

/// How a name in the root directory of a drive reads to a router of one contract variant.
enum class MedkitName {
    none,                ///< not a medkit
    medkit,              ///< ours
    for_other_contract,  ///< a medkit by its name, but made for routers under another contract
};

/// Reads a name by the accepted patterns, V being `variant` ("" or "-contract-X"):
/// `mox-medkitV*.tar.gz`, `medkit-moxV.tar.gz`, `medkit-moxV-*.tar.gz`; `*` is anything, blanks and brackets
/// included. Letters of either case are accepted, because FAT drives and people change them, and so is what
/// browsers and systems make of such a name (file_name.hpp): `mox-medkit-latest.tar (1).gz`, `.tgz`.
///
/// The first pattern also fits names of other contracts (`mox-medkit-contract-Y-latest.tar.gz` without a
/// contract, `-contract-XY-` under contract X). Somebody has put such a file there on purpose, and the
/// router may have lost its boot environment: it is accepted, as the last choice.
///
/// Dotfiles (macOS leaves `._mox-medkit-latest.tar.gz`), unfinished downloads, archives that a browser has
/// unpacked (`.tar`), and the files that stand beside a medkit are none.
[[nodiscard]] MedkitName read_name(std::string_view name, std::string_view variant);

/// Groups the names of one directory into medkits: names as published first, then altered ones, each sorted.
///
/// What stands beside NAME.tar.gz is NAME.tar.gz.sig, .sha256, .md5, NAME-extra.tar.gz and
/// NAME-rescue.fit.lzma. Of several files that could be meant, the first of these is taken:
///   1. the very name;
///   2. the same in letters of the other case;
///   3. an altered name (file_name.hpp) with the same copy's mark: "X.tar.gz (1).sig" for "X (1).tar.gz";
///   4. one without a mark: "X.tar.gz.sig" for "X (1).tar.gz";
///   5. any other copy of it: "X.tar.gz (2).sig";
///   6. for "X-1.tar.gz", which may be a copy's name or a backup's, what belongs to "X";
///   7. an unfinished download of a signature or checksum.
/// So no signature that could belong to a medkit is passed over: it must be right.
///
/// An extra archive without its base is listed as a medkit: verification says what it lacks.
[[nodiscard]] std::vector<MedkitFiles> group_medkits(std::vector<std::string> names,
                                                     std::string_view variant);

/// What a directory holds of medkits.
struct MedkitListing {
    std::vector<MedkitFiles> medkits;
    /// A sentence for each file that looks like a part of a medkit but is not used, with its name and reason:
    /// "mox-medkit-latest.tar looks like a medkit, but ...".
    std::vector<std::string> not_used;
};

/// The same, with what is left over. Pure; `is_directory` is asked about names that are left over.
[[nodiscard]] MedkitListing list_medkits(std::vector<std::string> names, std::string_view variant,
                                         const std::function<bool(const std::string&)>& is_directory);

/// The medkits in an open directory by the accepted names, and what is left over. `variant` is "" or
/// "-contract-X". A directory, symlink or device that is named like a medkit is listed too, and fails
/// verification with a clear message. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<MedkitListing> find_medkits(int directory, std::string_view variant);

/// The file `archive` of an open directory (a medkit or any other) and what stands beside it: for somebody
/// who names one. Whether `archive` exists is not looked at. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<MedkitFiles> find_beside(int directory, const std::string& archive);

/// A file name for messages: control characters and bytes that are not UTF-8 become `?`. Whoever made the
/// stick does not get to write to the console.
[[nodiscard]] std::string printable_name(std::string_view name);

}  // namespace mox::medkit
