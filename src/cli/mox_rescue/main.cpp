// The rescue program, as on the device and from a shell.

#include <filesystem>
#include <iostream>
#include <system_error>
#include <variant>

#include "board/this_board.hpp"
#include "cli/main_functions.hpp"
#include "cli/mox_rescue/device_session.hpp"
#include "cli/mox_rescue/mount_card.hpp"
#include "cli/mox_rescue/nor_update.hpp"
#include "cli/mox_rescue/options.hpp"
#include "cli/mox_rescue/run_mode.hpp"
#include "cli/mox_rescue/show_board.hpp"
#include "update/context.hpp"

namespace mox::cli {

namespace {

/// Only the rescue image has this file.
bool is_rescue_system() {
    std::error_code ignored;  // an unreadable file counts as missing
    return std::filesystem::exists(update::SystemPaths{}.build_time, ignored);
}

int refuse_selection() {
    std::cerr
        << "mox-rescue: without a subcommand it announces modes on the LED and reboots, which works only "
           "in the rescue system of a router\n"
           "Usage: mox-rescue run MODE [OPTIONS] | mount | nor-update FILE | board; see mox-rescue --help\n";
    return exit_usage;
}

}  // namespace

int mox_rescue_main(int argc, char** argv) {
    const auto options = read_options(argc, argv);
    if (const int* status = std::get_if<int>(&options)) return *status;
    const auto& rescue = std::get<RescueOptions>(options);
    if (const auto* run = std::get_if<RunMode>(&rescue.action)) return run_one_mode(rescue, *run);
    if (const auto* mount = std::get_if<MountCard>(&rescue.action)) return mount_card(rescue, *mount);
    if (const auto* update = std::get_if<NorUpdate>(&rescue.action)) return run_nor_update(rescue, *update);
    if (const auto* show = std::get_if<ShowBoard>(&rescue.action)) return show_board(*show);
    const auto& session = std::get<RescueSession>(rescue.action);
    if (!may_start_selection(session, board::this_board_or_mox("/").is_known, is_rescue_system()))
        return refuse_selection();
    return run_device_session(rescue, session);
}

}  // namespace mox::cli
