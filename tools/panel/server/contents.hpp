#pragma once

#include <optional>
#include <string_view>

#include "disk_images/stick.hpp"

namespace mox::virtual_mox::panel {

// The contents for cards and sticks, with the words of the protocol and of the page. Pure.

enum class CardContent {
    demo,    ///< the demo system, as it left the factory
    broken,  ///< the same after an update that went wrong; a snapshot from before it is there
    old,     ///< a system that was used for years and does not start
    empty,   ///< no partition table
};

enum class StickContent {
    good,             ///< the demo system's medkit with signature and checksum
    unsigned_medkit,  ///< the same without its signature
    corrupt,          ///< with one wrong bit
    stranger,         ///< signed by a key that the router does not trust
    files,            ///< the uploaded files
};

[[nodiscard]] std::optional<CardContent> card_content_named(std::string_view word);
[[nodiscard]] std::optional<StickContent> stick_content_named(std::string_view word);
[[nodiscard]] std::optional<disk_images::StickFilesystem> filesystem_named(std::string_view word);

/// "fat32", "ext4", ...
[[nodiscard]] std::string_view word_for(disk_images::StickFilesystem filesystem);

/// "demo system", "empty".
[[nodiscard]] std::string_view description_of(CardContent content);
/// "good medkit", "your files".
[[nodiscard]] std::string_view description_of(StickContent content);

}  // namespace mox::virtual_mox::panel
