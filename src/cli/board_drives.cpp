#include "cli/board_drives.hpp"

#include <system_error>
#include <utility>

#include "boot/environment.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/restart_marker.hpp"
#include "boot/uboot_environment.hpp"
#include "storage/redirected_drives.hpp"
#include "storage/sysfs_drives.hpp"
#include "update/card_in_slot.hpp"
#include "update/mounted_system.hpp"

namespace mox::cli {

namespace {

constexpr auto default_configuration = "/etc/fw_env.config";

/// nullopt when this machine has none. On a machine that is no known board /etc/fw_env.config is not read: it
/// names the environment of that machine's own boot loader, which a mode must not change.
std::optional<Expected<boot::UbootEnvironment>> find_environment(
    const std::optional<std::filesystem::path>& configuration, const std::optional<board::Description>& board,
    Log& log) {
    if (configuration) return boot::UbootEnvironment::open(*configuration);
    if (!board) return std::nullopt;
    const auto partition = boot::find_flash_partition(board->environment_partition);
    if (partition) return boot::UbootEnvironment::open(*partition);
    log.warning("the boot environment is not on the flash: " + partition.error().describe());
    std::error_code ignored;  // an unreadable file counts as missing
    if (std::filesystem::exists(default_configuration, ignored))
        return boot::UbootEnvironment::open(default_configuration);
    return std::nullopt;
}

}  // namespace

std::unique_ptr<boot::Environment> open_environment(const std::optional<std::filesystem::path>& configuration,
                                                    const std::optional<board::Description>& board,
                                                    Log& log) {
    auto found = find_environment(configuration, board, log);
    if (found && *found) {
        if ((*found)->variables().empty())
            log.info("no boot environment is stored: the boot loader's defaults are in force");
        return std::make_unique<boot::UbootEnvironment>(std::move(**found));
    }
    if (found) log.warning("continuing without the boot environment: " + found->error().describe());
    if (!board && !configuration) return std::make_unique<boot::NoEnvironment>();
    return std::make_unique<boot::NoEnvironment>(log);
}

std::unique_ptr<storage::Drives> redirected(std::unique_ptr<storage::Drives> drives,
                                            const boot::Environment& environment, Log& log) {
    const auto uuid = environment.get("root_uuid");
    if (!uuid || uuid->empty()) return drives;
    log.info("instead of the card the disk with the file system " + *uuid + " is used (root_uuid)");
    storage::Redirection redirection{.uuid = *uuid,
                                     .disk = environment.get(boot::formatted_disk).value_or("")};
    return std::make_unique<storage::RedirectedDrives>(std::move(drives), std::move(redirection));
}

std::unique_ptr<storage::Drives> drives_of(const board::Description& board,
                                           const boot::Environment& environment, Log& log) {
    return redirected(std::make_unique<storage::SysfsDrives>(board.card_controller, log), environment, log);
}

Expected<std::filesystem::path> system_node(storage::Drives& drives) {
    auto card = TRY(update::card_now(drives));
    auto volume = TRY(update::system_volume(card));
    return std::move(volume.node);
}

}  // namespace mox::cli
