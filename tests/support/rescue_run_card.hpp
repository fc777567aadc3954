#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace mox::test_support {

/// Size of the cards in tests. They are sparse: it costs nothing but what is on them.
inline constexpr Bytes card_size{512ULL << 20};

/// A card in the Turris layout, like that of card_images.hpp, but with a whole system (make_system_tree): DOS
/// table, btrfs, `@` with a user's data and twelve rescue logs, `@factory`, two numbered snapshots with their
/// .info files, boot.scr.
void make_card_with_whole_system(const std::filesystem::path& image);

/// The id of the btrfs in partition 1, in hexadecimal: another one means that it was formatted.
[[nodiscard]] std::string btrfs_id(const std::filesystem::path& image);

/// Names at the top level of the btrfs, sorted.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder);

/// `describe_tree` of an installed system, without what the rescue system adds to a medkit.
[[nodiscard]] std::string describe_system(const std::filesystem::path& root);

/// The same for what GNU tar makes of a medkit; `work` as in `describe_archive`.
[[nodiscard]] std::string describe_medkit(const std::filesystem::path& archive,
                                          const std::filesystem::path& work);

/// The lines in which two descriptions differ, at most a screen full; empty if they are the same.
[[nodiscard]] std::string difference(const std::string& expected, const std::string& found);

/// Everything that must be true of a card when a re-flash has ended well: the system in `@` and `@factory` is
/// the one described by `medkit`, nothing of an old one is left, it boots, and the file system is sound.
/// Returns what is not true, one sentence each.
[[nodiscard]] std::vector<std::string> flaws_of_flashed_card(const std::filesystem::path& image,
                                                             const std::string& medkit);

/// What must be true besides when the card was formatted: a DOS table with one Linux partition over all of
/// it.
[[nodiscard]] std::vector<std::string> flaws_of_partition_table(const std::filesystem::path& image);

}  // namespace mox::test_support
