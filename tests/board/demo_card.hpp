#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace mox::board_test {

/// QEMU's cards have a power of two.
inline constexpr Bytes card_size{1ULL << 30};
/// etc/turris-version of the demo system as it is in `@` of the card that `make_demo_card` makes, and of that
/// in the medkit.
inline constexpr std::string_view old_version = "8.0.0";
inline constexpr std::string_view new_version = "9.9.9";
/// A file of the user: in `@`, and in the snapshot `@1` with other content, not in `@factory`.
inline constexpr std::string_view diary = "root/diary";

/// The demo's medkit as `image/build-demo-system` has made it. Throws if there is none.
[[nodiscard]] std::filesystem::path demo_medkit();
/// The public key that signs it, as the variable `rescue_keys` takes it.
[[nodiscard]] std::string demo_key();

/// A card that boots the demo system, made by GNU tar and btrfs-progs: `@` (with the old version and a
/// diary), the snapshot `@1` with its .info, and `@factory` with the system as the medkit has it. An existing
/// image is replaced. Throws on failure; needs root.
void make_demo_card(const std::filesystem::path& image);

/// `describe_medkit` of the demo's medkit.
[[nodiscard]] std::string demo_description(const std::filesystem::path& work);

}  // namespace mox::board_test
