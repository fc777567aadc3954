#include "programs/rescue_machine.hpp"

#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "boot/flash.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/kernel_command_line.hpp"
#include "boot/no_environment.hpp"
#include "boot/uboot_environment.hpp"
#include "modes/restart_marker.hpp"
#include "storage/redirected_drives.hpp"
#include "storage/sysfs_drives.hpp"

namespace mox::programs {

namespace {

constexpr auto usual_configuration = "/etc/fw_env.config";

board::Description described(const std::optional<board::Description>& board, const RescueOptions& options) {
    auto description = board.value_or(board::turris_mox());
    description.signatures_required = description.signatures_required || options.signature_required;
    return description;
}

/// Nothing when this machine has none.
std::optional<Expected<boot::UbootEnvironment>> find_environment(
    const RescueOptions& options, const std::optional<board::Description>& board, Log& log) {
    if (options.boot_environment) return boot::UbootEnvironment::open(*options.boot_environment);
    if (board) {
        const auto partition = boot::find_flash_partition(board->environment_partition);
        if (partition) return boot::UbootEnvironment::open(*partition);
        log.warning("the boot environment is not on the flash: " + partition.error().describe());
    }
    std::error_code ignored;  // one that cannot be looked at does not exist for us
    if (std::filesystem::exists(usual_configuration, ignored))
        return boot::UbootEnvironment::open(usual_configuration);
    return std::nullopt;
}

std::unique_ptr<boot::Environment> open_environment(const RescueOptions& options,
                                                    const std::optional<board::Description>& board,
                                                    Log& log) {
    auto found = find_environment(options, board, log);
    if (found && *found) {
        if ((*found)->variables().empty())
            log.info("no boot environment is stored: the boot loader's defaults are in force");
        return std::make_unique<boot::UbootEnvironment>(std::move(**found));
    }
    if (found) log.warning("going on without the boot environment: " + found->error().describe());
    return std::make_unique<boot::NoEnvironment>(log);
}

std::unique_ptr<storage::Drives> drives_of(const board::Description& board,
                                           const boot::Environment& environment, Log& log) {
    auto drives = std::make_unique<storage::SysfsDrives>(board.card_controller, log);
    const auto uuid = environment.get("root_uuid");
    if (!uuid || uuid->empty()) return drives;
    log.info("instead of the card the disk with the file system " + *uuid + " is used (root_uuid)");
    storage::Redirection redirection{.uuid = *uuid,
                                     .disk = environment.get(modes::formatted_disk).value_or("")};
    return std::make_unique<storage::RedirectedDrives>(std::move(drives), std::move(redirection));
}

boot::KernelCommandLine this_command_line(Log& log) {
    auto text = read_small_file("/proc/cmdline", ErrorKind::internal);
    if (!text) log.warning(text.error().describe());
    return boot::KernelCommandLine(text.value_or(""));
}

/// The programs that we run lie beside ours.
std::filesystem::path beside_this_program(std::string_view name) {
    std::error_code unknown;  // then it is looked for in the root folder, and the message says so
    const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
    return program.parent_path() / name;
}

modes::Surroundings surroundings_of(const std::optional<board::Description>& board,
                                    const RescueOptions& options) {
    modes::Surroundings surroundings;
    surroundings.lease_hook = beside_this_program("lease-hook");
    if (board) {
        surroundings.port = {.controller = board->port_controller, .name = {}};
        surroundings.console = std::filesystem::path("/dev") / board->console;
    }
    if (options.port) surroundings.port = {.controller = {}, .name = *options.port};
    return surroundings;
}

/// Nothing on a PC.
std::function<std::unique_ptr<boot::Flash>()> rescue_partition_of(
    const std::optional<board::Description>& board, Log& log) {
    if (!board) return {};
    return [label = board->rescue_partition, &log]() -> std::unique_ptr<boot::Flash> {
        auto partition = boot::find_flash_partition(label);
        auto flash = partition ? boot::open_flash(*partition)
                               : Expected<std::unique_ptr<boot::Flash>>(pass_on(partition));
        if (flash) return std::move(*flash);
        log.warning("tries are counted in the boot environment: " + flash.error().describe());
        return nullptr;
    };
}

}  // namespace

RescueMachine::RescueMachine(const RescueOptions& options, const std::optional<board::Description>& board,
                             std::unique_ptr<storage::Drives> drives, Reporter& reporter)
    : board_(described(board, options)),
      environment_(open_environment(options, board, reporter.log)),
      drives_(drives ? std::move(drives) : drives_of(board_, *environment_, reporter.log)),
      context_{.board = board_,
               .drives = *drives_,
               .environment = *environment_,
               .log = reporter.log,
               .progress = reporter.progress,
               .keys = options.keys,
               .variant = {},
               .execution = modes::Execution::real,
               .command_line = this_command_line(reporter.log),
               .surroundings = surroundings_of(board, options),
               .started_by = modes::StartedBy::user,
               .rescue_partition = rescue_partition_of(board, reporter.log)} {}

}  // namespace mox::programs
