#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::disk_images {

inline constexpr Bytes card_size = {std::uint64_t{4} << 30};

/// The content of the card before the rescue, to check that it is gone afterwards.
struct OldSystem {
    std::string version;
    std::vector<std::string> subvolumes;            ///< of the top level, without `@` and `@factory`
    std::vector<std::filesystem::path> user_files;  ///< below `@`
    std::vector<std::filesystem::path> top_level_files;
};

/// Makes `image` (sparse, 4 GiB) a MOX's card that has been in use for years: one DOS partition, btrfs in the
/// Turris layout, an old system with a user's data, snapshots, the factory snapshot, `boot.scr`.
/// An existing file is replaced. Errors: `card`.
[[nodiscard]] Expected<OldSystem> make_old_card(const std::filesystem::path& image);

}  // namespace mox::disk_images
