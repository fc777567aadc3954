#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/subvolume.hpp"

namespace mox::snapshots {

/// 32 hexadecimal digits, the format in journals and records on the card.
[[nodiscard]] std::string to_text(const storage::Uuid& uuid);

/// The inverse of to_text; nullopt for any other text.
[[nodiscard]] std::optional<storage::Uuid> uuid_named(std::string_view text);

}  // namespace mox::snapshots
