#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::disk_images {

/// Large enough for any system, small enough to be copied often. The size of a card in QEMU is a power of
/// two.
inline constexpr Bytes installed_card_size{2ULL << 30};

/// Makes `image` (sparse) a card with the system of a medkit, as it leaves the factory: one partition, btrfs
/// with `@`, the read-only `@factory` and the link boot.scr; /etc/schnapps/config says /dev/mmcblk0p1. Needs
/// root. Errors: the medkit is not valid (`medkit`), the card cannot be made (`card`, `internal`).
[[nodiscard]] Expected<void> make_installed_card(const std::filesystem::path& image,
                                                 const std::filesystem::path& medkit,
                                                 Bytes size = installed_card_size);

/// The same, but made once for each content of the medkit and kept in the directory `cache`: a copy takes a
/// fraction of a second.
[[nodiscard]] Expected<void> copy_installed_card(const std::filesystem::path& image,
                                                 const std::filesystem::path& medkit,
                                                 const std::filesystem::path& cache);

}  // namespace mox::disk_images
