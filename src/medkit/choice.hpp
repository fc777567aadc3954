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

/// What the choice between medkits is made from. Pure value.
struct Candidate {
    std::string name;  ///< of the archive
    storage::DriveRole drive = storage::DriveRole::usb;
    bool valid = true;  ///< false once verification has rejected it
    TrustLevel trust =
        TrustLevel::unverified;  ///< before verification: what stands beside it; after: what was shown
    std::string version;         ///< etc/turris-version, empty before verification
    std::optional<std::chrono::sys_seconds> built;  ///< date in the name, or newest member after verification
    std::string place;                              ///< for people: "USB drive SanDisk (sda1, FAT32)"
    std::string problem;                            ///< for people: why it is not valid; empty when it is
    bool for_other_contract = false;                ///< MedkitFiles says so
    bool altered_name = false;                      ///< MedkitFiles says so
};

/// A candidate as it is known from its names alone.
[[nodiscard]] Candidate candidate_before_verification(const MedkitFiles& files, storage::DriveRole drive,
                                                      std::string place);

/// The same candidate once `verified` is known: trust shown, version and age read from the archive.
[[nodiscard]] Candidate after_verification(Candidate candidate, const VerifiedMedkit& verified);

/// The same candidate once verification has failed.
[[nodiscard]] Candidate after_rejection(Candidate candidate, const Error& reason);

/// Whether `left` is preferred to `right`. The first of these rules that tells them apart decides:
///   1. valid before invalid;
///   2. made for this router before made for another contract;
///   3. USB drive before card;
///   4. signed before hashed before bare;
///   5. the newer version (compare_versions; no version is the oldest);
///   6. the one that was built later (not known is the earliest);
///   7. a name as published before one that a browser or a person has changed ("X (1).tar.gz").
/// So `latest` has no privilege: after verification its version and date are known like everybody's.
/// A strict weak ordering; ties keep the order in which they were found.
[[nodiscard]] bool is_better(const Candidate& left, const Candidate& right);

/// Index of the best valid candidate; nothing if none is valid.
[[nodiscard]] std::optional<std::size_t> choose(std::span<const Candidate> candidates);

/// One line a candidate for console and log, in the given order: which is taken, which not, and why.
/// "USB drive SanDisk (sda1, ext4): mox-medkit-latest.tar.gz: taken (signed, version 7.0.2, ...)"
[[nodiscard]] std::vector<std::string> explain_choice(std::span<const Candidate> candidates);

/// Orders versions as people read them: numbers by value (7.0.2 < 7.0.10), a part more is newer
/// (7.0 < 7.0.1), a word makes it a pre-release (8.0.0-rc1 < 8.0.0, alpha < beta < rc1 < rc2).
/// Empty is older than everything.
[[nodiscard]] std::weak_ordering compare_versions(std::string_view left, std::string_view right);

/// The date in "mox-medkit-202611221524.tar.gz" or "mox-medkit-20261122.tar.gz" (UTC); nothing for "latest".
[[nodiscard]] std::optional<std::chrono::sys_seconds> date_in_name(std::string_view name);

}  // namespace mox::medkit
