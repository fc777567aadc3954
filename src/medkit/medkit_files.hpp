#pragma once

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

    /// Named for a contract that this router is not under: taken only when there is no other.
    bool for_other_contract = false;

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
/// included. Letters of either case are accepted, because FAT drives and people change them.
///
/// The first pattern also fits names of other contracts (`mox-medkit-contract-Y-latest.tar.gz` without a
/// contract, `-contract-XY-` under contract X). Somebody has put such a file there on purpose, and the
/// router may have lost its boot environment: it is accepted, as the last choice.
///
/// Dotfiles (macOS leaves `._mox-medkit-latest.tar.gz`), unfinished downloads and the files that stand beside
/// a medkit are none.
[[nodiscard]] MedkitName read_name(std::string_view name, std::string_view variant);

/// Groups the names of one directory into medkits, sorted by name. What stands beside NAME.tar.gz is
/// NAME.tar.gz.sig, .sha256, .md5 and NAME-extra.tar.gz; a name of the same case goes before one of another.
/// An extra archive without its base is listed as a medkit: verification says what it lacks.
[[nodiscard]] std::vector<MedkitFiles> group_medkits(std::vector<std::string> names,
                                                     std::string_view variant);

/// The medkits in an open directory by the accepted names (sorted by name). `variant` is "" or
/// "-contract-X". A directory, symlink or device that is named like a medkit is listed too, and fails
/// verification with a clear message. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<std::vector<MedkitFiles>> find_medkits(int directory, std::string_view variant);

/// The medkit `archive` of an open directory and what stands beside it, whatever its name is: for somebody
/// who names one. Whether `archive` exists is not looked at. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<MedkitFiles> find_beside(int directory, const std::string& archive);

/// A file name for messages: control characters and bytes that are not UTF-8 become `?`. Whoever made the
/// stick does not get to write to the console.
[[nodiscard]] std::string shown_name(std::string_view name);

}  // namespace mox::medkit
