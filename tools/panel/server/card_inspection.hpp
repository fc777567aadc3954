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

/// What is on a card. Texts from the card are as they may be shown.
struct CardContentSeen {
    std::string version;  ///< of the installed system; empty: not told
    std::vector<SubvolumeSeen> subvolumes;
    std::vector<std::string> log;  ///< names of the rescue logs
};

/// Somebody has looked at the card.
struct CardLook {
    Clock::time_point at;
    Expected<CardContentSeen> seen;
};

/// Looks at a card's image that nobody is writing. Takes up to a second; needs root. What is on the card is
/// not trusted: no link leads out of it. Errors (`card`): there is no btrfs on it, or it is damaged.
[[nodiscard]] Expected<CardContentSeen> look_at_card(const std::filesystem::path& image);

}  // namespace mox::virtual_mox::panel
