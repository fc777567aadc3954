#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medkit/verify.hpp"
#include "storage/drive.hpp"

namespace mox::medkit {

/// One medkit among those that `choose` compares. Pure value.
struct Candidate {
    std::string name;  ///< of the archive
    storage::DriveRole drive = storage::DriveRole::usb;
    bool valid = true;  ///< false once verification has rejected it
    /// Before verification: by the files beside the archive; after it: the verified level.
    TrustLevel trust = TrustLevel::unverified;
    std::string version;                            ///< etc/turris-version, empty before verification
    std::optional<std::chrono::sys_seconds> built;  ///< date in the name, or newest member after verification
    std::string place;                              ///< for messages: "USB drive SanDisk (sda1, FAT32)"
    std::string rejection;  ///< for messages: why it is not valid; empty when it is valid
    /// Whose fault the rejection is: `card` for an intact medkit that is too large for the card.
    ErrorKind rejected_as = ErrorKind::medkit;
    bool for_other_contract = false;  ///< see MedkitFiles
    bool altered_name = false;        ///< see MedkitFiles
};

/// A candidate, made from file names only.
[[nodiscard]] Candidate candidate_before_verification(const MedkitFiles& files, storage::DriveRole drive,
                                                      std::string place);

/// The same candidate after successful verification: with the verified trust level, version and date.
[[nodiscard]] Candidate after_verification(Candidate candidate, const VerifiedMedkit& verified);

/// The same candidate after verification has failed.
[[nodiscard]] Candidate after_rejection(Candidate candidate, const Error& reason);

/// Whether `left` is preferred to `right`. The first of these rules in which they differ decides:
///   1. valid before invalid;
///   2. made for this router before made for another contract;
///   3. USB drive before card;
///   4. signed before checksummed before unverified;
///   5. the newer version (compare_versions; no version is the oldest);
///   6. the one that was built later (an unknown date is the earliest);
///   7. a name as published before one that a browser or a user has changed ("X (1).tar.gz").
/// `latest` has no priority: after verification its version and date are known, as for all others.
/// A strict weak ordering; ties keep the order in which the candidates were found.
[[nodiscard]] bool is_better(const Candidate& left, const Candidate& right);

/// Index of the best valid candidate; nullopt if none is valid.
[[nodiscard]] std::optional<std::size_t> choose(std::span<const Candidate> candidates);

/// One line for each candidate, for console and log, in the given order: whether it is taken, and why.
/// "USB drive SanDisk (sda1, ext4): mox-medkit-latest.tar.gz: taken (signed, version 7.0.2, ...)"
[[nodiscard]] std::vector<std::string> explain_choice(std::span<const Candidate> candidates);

/// Orders versions: numbers by value (7.0.2 < 7.0.10), an additional part is newer (7.0 < 7.0.1), a word
/// marks a pre-release (8.0.0-rc1 < 8.0.0, alpha < beta < rc1 < rc2). Empty is older than every version.
[[nodiscard]] std::weak_ordering compare_versions(std::string_view left, std::string_view right);

/// The date in "mox-medkit-202611221524.tar.gz" or "mox-medkit-20261122.tar.gz" (UTC); nullopt for "latest".
[[nodiscard]] std::optional<std::chrono::sys_seconds> date_in_name(std::string_view name);

}  // namespace mox::medkit
