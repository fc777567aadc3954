#include "cli/mox_rescue/rescue_machine.hpp"

#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "boot/flash.hpp"
#include "boot/flash_partitions.hpp"
#include "boot/kernel_command_line.hpp"
#include "cli/board_drives.hpp"

namespace mox::cli {

namespace {

board::Description with_options(board::Description description, const RescueOptions& options) {
    description.signatures_required = description.signatures_required || options.signature_required;
    return description;
}

boot::KernelCommandLine this_command_line(Log& log) {
    auto text = read_small_file("/proc/cmdline", ErrorKind::internal);
    if (!text) log.warning(text.error().describe());
    return boot::KernelCommandLine(text.value_or(""));
}

/// The path of another program in the directory of this one.
std::filesystem::path beside_this_program(std::string_view name) {
    std::error_code unknown;  // then the path is in the root directory, and the message shows it
    const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
    return program.parent_path() / name;
}

update::SystemPaths system_paths_of(const std::optional<board::Description>& board,
                                    const RescueOptions& options) {
    update::SystemPaths system_paths;
    system_paths.lease_hook = beside_this_program("lease-hook");
    if (board) {
        system_paths.port = {.controller = board->port_controller, .name = {}};
        system_paths.console = std::filesystem::path("/dev") / board->console;
    }
    if (options.port) system_paths.port = {.controller = {}, .name = *options.port};
    return system_paths;
}

/// Empty on a PC.
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
                             std::unique_ptr<storage::Drives> drives, console::Reporter& reporter,
                             const board::Description& on_a_pc)
    : board_(with_options(board.value_or(on_a_pc), options)),
      environment_(open_environment(options.boot_environment, board, reporter.log)),
      drives_(drives ? std::move(drives) : drives_of(board_, *environment_, reporter.log)),
      context_{.board = board_,
               .drives = *drives_,
               .environment = *environment_,
               .log = reporter.log,
               .progress = reporter.progress,
               .keys = options.keys,
               .variant = {},
               .execution = update::Execution::real,
               .command_line = this_command_line(reporter.log),
               .system_paths = system_paths_of(board, options),
               .started_by = update::StartedBy::user,
               .rescue_partition = rescue_partition_of(board, reporter.log)} {}

}  // namespace mox::cli
