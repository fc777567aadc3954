#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "medkit/verify.hpp"
#include "storage/drive.hpp"

namespace mox::medkit {

/// What the choice between medkits is made from. Pure value.
struct Candidate {
    std::string name;  ///< of the archive
    storage::DriveRole drive = storage::DriveRole::usb;
    bool valid = true;          ///< false once verification has rejected it
    Trust trust = Trust::bare;  ///< before verification: what stands beside it; after: what was shown
    std::string version;        ///< etc/turris-version, empty before verification
    std::optional<std::chrono::sys_seconds> built;  ///< date in the name, or newest member after verification
};

/// Whether `left` is preferred to `right`: valid before invalid; USB before card; signed before hashed before
/// bare; newer before older. Ties keep the order in which they were found.
[[nodiscard]] bool is_better(const Candidate& left, const Candidate& right);

/// Index of the best valid candidate; nothing if none is valid.
[[nodiscard]] std::optional<std::size_t> choose(std::span<const Candidate> candidates);

/// The date in "mox-medkit-202611221524.tar.gz"; nothing for "latest".
[[nodiscard]] std::optional<std::chrono::sys_seconds> date_in_name(std::string_view name);

}  // namespace mox::medkit
