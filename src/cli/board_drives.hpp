#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "base/log.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "storage/drives.hpp"

namespace mox::cli {

/// Opens the boot environment: the one that `configuration` names (fw_env.config); else, on a board, the one
/// in its flash partition, or the one of /etc/fw_env.config; else none. An unreadable one is logged and
/// counts as none. A PC (`board` is nullopt) without a `configuration` has none, and nothing is logged about
/// that.
[[nodiscard]] std::unique_ptr<boot::Environment> open_environment(
    const std::optional<std::filesystem::path>& configuration, const std::optional<board::Description>& board,
    Log& log);

/// `drives`; if the boot environment's `root_uuid` names a disk, that disk takes the place of the card.
/// Modes, and `schnapps` in the rescue system, work on these drives.
[[nodiscard]] std::unique_ptr<storage::Drives> redirected(std::unique_ptr<storage::Drives> drives,
                                                          const boot::Environment& environment, Log& log);

/// The drives of `board`, redirected.
[[nodiscard]] std::unique_ptr<storage::Drives> drives_of(const board::Description& board,
                                                         const boot::Environment& environment, Log& log);

/// The node of the btrfs that schnapps works on in the rescue system. Errors (`card`): there is no card, or
/// no disk with `root_uuid`; it holds no btrfs.
[[nodiscard]] Expected<std::filesystem::path> system_node(storage::Drives& drives);

}  // namespace mox::cli
