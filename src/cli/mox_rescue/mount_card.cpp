#include "cli/mox_rescue/mount_card.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <utility>

#include "board/this_board.hpp"
#include "cli/mox_rescue/rescue_machine.hpp"
#include "console/reporter.hpp"
#include "storage/listed_drives.hpp"
#include "update/mounted_system.hpp"

namespace mox::cli {

namespace {

Expected<update::MountedSystem> mount(const RescueOptions& options, const MountCard& command,
                                      console::Reporter& reporter) {
    const auto board = TRY(board::this_board("/"));
    std::unique_ptr<storage::Drives> drives;  // null: those of the board
    if (command.card) {
        auto listed = TRY(storage::ListedDrives::open(command.card, {}));
        drives = std::make_unique<storage::ListedDrives>(std::move(listed));
    } else if (!board) {
        return fail(ErrorKind::internal, "this machine is not a known router",
                    {"name the card with --card /dev/sdX; lsblk shows the disks"});
    }
    RescueMachine machine(options, board, std::move(drives), reporter);
    boost::asio::io_context loop;
    Expected<update::MountedSystem> result;
    boost::asio::co_spawn(loop, update::mount_system(machine.context(), command.directory),
                          [&](const std::exception_ptr& bug, auto mounted) {
                              if (bug) std::rethrow_exception(bug);
                              result = std::move(mounted);
                          });
    loop.run();
    return result;
}

}  // namespace

int mount_card(const RescueOptions& options, const MountCard& command) {
    console::Reporter reporter;
    const auto mounted = mount(options, command, reporter);
    if (!mounted) {
        reporter.log.error(mounted.error());
        return led_code(mounted.error().kind());
    }
    const auto& directory = mounted->folder.native();
    const auto board = board::this_board("/");
    const bool is_router = board && *board;
    std::cout << "mount -t btrfs -o noatime,subvol=@ " << mounted->node.native() << " " << directory << "\n"
              << "The card's system is on " << directory << ". When you are done: umount " << directory
              << (is_router ? ", then reboot." : ", then take the card out.") << std::endl;
    return 0;
}

}  // namespace mox::cli
