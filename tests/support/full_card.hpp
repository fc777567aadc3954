#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace mox::test_support {

enum class FilledWith {
    data,      ///< one file, to the last block
    metadata,  ///< attributes and links, until nothing can be created; there is room for data
    both,
};

/// A card with many snapshots and no room. Everything throws on failure and needs root.
struct FullCard {
    Bytes size{256ULL << 20};
    unsigned snapshots = 5;
    FilledWith filled = FilledWith::data;
    bool quota = false;
    bool compressed = false;
    bool mixed = false;         ///< one kind of block group, as on small cards
    bool only_by_hand = false;  ///< all snapshots are of type single: none may be deleted
};

/// "256.0 MB, 5 snapshots, full of data, quota"
[[nodiscard]] std::string to_text(const FullCard& card);

/// Type and version of the snapshots, `@` and `@factory` on a card, by name. "now" is the version of `@`.
using CardContent = std::map<std::string, std::string>;

/// Makes such a file system on a block device, with `@`, `@factory`, `@1` and so on, whose etc/version is
/// their name
/// ("1"), with a system of some files each, of the types time, pre, post, single and rollback in turn (the
/// newest one is never of type rollback). Three rescue logs are in `@`. Then it is filled.
void make_full_card(const std::filesystem::path& node, const FullCard& how);

/// Fills what is mounted at `folder`, until nothing more can be written.
void fill_with_data(const std::filesystem::path& folder);
void fill_with_metadata(const std::filesystem::path& folder);

/// Deletes some of what `fill_with_metadata` has made in `folder`, until so much metadata is free.
void give_metadata_back(const std::filesystem::path& folder, Bytes wanted);

/// What is on the file system of a block device: "@" -> "now", "@3" -> "3 post".
[[nodiscard]] CardContent content_of(const std::filesystem::path& node);

}  // namespace mox::test_support
