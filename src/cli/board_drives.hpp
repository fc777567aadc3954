#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/log.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "storage/drives.hpp"

namespace mox::cli {

/// The boot environment that `configuration` names (fw_env.config); else the one in the flash partition of
/// `board`; else that of /etc/fw_env.config; else there is none. One that cannot be read is logged, and the
/// same as none.
[[nodiscard]] std::unique_ptr<boot::Environment> open_environment(
    const std::optional<std::filesystem::path>& configuration, const std::optional<board::Description>& board,
    Log& log);

/// `drives`, and if the boot environment's `root_uuid` names a disk, that one in the place of the card: what
/// modes and `schnapps` in the rescue system work on.
[[nodiscard]] std::unique_ptr<storage::Drives> redirected(std::unique_ptr<storage::Drives> drives,
                                                          const boot::Environment& environment, Log& log);

/// The drives of `board`, redirected.
[[nodiscard]] std::unique_ptr<storage::Drives> drives_of(const board::Description& board,
                                                         const boot::Environment& environment, Log& log);

/// The node of the btrfs that schnapps works on in the rescue system. Errors (`card`): no card, or no disk
/// that `root_uuid` names; no btrfs on it.
[[nodiscard]] Expected<std::filesystem::path> system_node(storage::Drives& drives);

}  // namespace mox::cli
