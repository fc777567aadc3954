#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/subvolume.hpp"

namespace mox::snapshots {

/// 32 hexadecimal digits, as journals and records on the card have them.
[[nodiscard]] std::string to_text(const storage::Uuid& uuid);

/// The same backwards; nullopt for anything else.
[[nodiscard]] std::optional<storage::Uuid> uuid_named(std::string_view text);

}  // namespace mox::snapshots
