#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"

namespace mox::virtual_mox::panel {

/// A subvolume at the top level of a card.
struct SubvolumeSeen {
    enum class Kind { root, factory, snapshot, other };
    std::string name;
    Kind kind = Kind::other;
    // Of snapshots:
    std::uint32_t number = 0;
    std::string type;  ///< "single", "pre", ...
    std::string description;
    std::string created;
};

/// The content of a card. Texts from the card are escaped for display.
struct CardContentSeen {
    std::string version;  ///< of the installed system; empty: not known
    std::vector<SubvolumeSeen> subvolumes;
    std::vector<std::string> log;  ///< names of the rescue logs
};

/// The result of an inspection of the card.
struct CardLook {
    Clock::time_point at;
    Expected<CardContentSeen> seen;
};

/// Inspects a card's image, which no process may write meanwhile. Takes up to a second; needs root. The
/// content is not trusted: links are not followed out of the card. Errors (`card`): there is no btrfs on it,
/// or it is damaged.
[[nodiscard]] Expected<CardContentSeen> look_at_card(const std::filesystem::path& image);

}  // namespace mox::virtual_mox::panel
