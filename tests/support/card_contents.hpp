#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "storage/subvolume.hpp"

namespace mox::test_support {

/// One subvolume at the top level of a card.
struct CardSubvolume {
    std::string name;
    storage::Uuid parent{};
    std::string digest;  ///< of the whole tree, without what installation adds
};

/// What lies on a card, by what it is: the uuid stays when a name changes.
struct CardContents {
    std::map<storage::Uuid, CardSubvolume> subvolumes;
    std::set<std::string> names;  ///< all at the top level

    [[nodiscard]] std::optional<storage::Uuid> named(const std::string& name) const;
    [[nodiscard]] std::string digest_of(const std::string& name) const;
};

/// Mounts the card in `image` (partition 1, with replay of its log) and looks at all of it. Throws when that
/// is not possible.
[[nodiscard]] CardContents contents_of_card(const std::filesystem::path& image);

}  // namespace mox::test_support
