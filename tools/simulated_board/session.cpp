#include "simulated_board/session.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "boot/uboot_environment.hpp"
#include "storage/listed_drives.hpp"

namespace mox::simulated_board {

namespace fs = std::filesystem;

board::Description simulated_board_description() {
    auto board = board::turris_mox();
    board.name = "Turris MOX, simulated board";
    board.installed_root_device = "/dev/mmcblk0p1";  // its name on a MOX, not on this computer
    return board;
}

Expected<PluggedIn> plug_in(const fs::path& image, storage::DriveRole role) {
    auto device = storage::LoopDevice::attach(image);
    if (!device) return pass_on(device);
    std::error_code failed;
    const auto size = fs::file_size(image, failed);
    if (failed) return fail_errno(ErrorKind::internal, image.native(), failed.value());
    storage::Drive drive{.node = device->node(), .role = role, .model = "image", .size = Bytes{size}};
    return PluggedIn{std::move(*device), std::move(drive)};
}

Expected<Outcome> play_session(const BenchSession& session, console::Console& console) {
    auto card = plug_in(session.card, storage::DriveRole::card);
    if (!card) return pass_on(card);
    std::vector<fs::path> sticks;
    std::optional<PluggedIn> stick;
    if (session.stick) {
        auto plugged = plug_in(*session.stick, storage::DriveRole::usb);
        if (!plugged) return pass_on(plugged);
        stick.emplace(std::move(*plugged));
        sticks.push_back(stick->drive.node);
    }
    auto drives = storage::ListedDrives::open(card->drive.node, sticks);
    if (!drives) return pass_on(drives);
    auto environment = boot::UbootEnvironment::open(session.environment);
    if (!environment) return pass_on(environment);

    Log log;
    log.add_listener([&console](const LogLine& line) {
        if (line.level != LogLevel::debug) console.print("        " + to_text(line));
    });
    Progress progress;
    update::Context context{.board = session.board,
                            .drives = *drives,
                            .environment = *environment,
                            .log = log,
                            .progress = progress,
                            .keys = session.keys,
                            .variant = {}};
    auto outcome = play_rescue(context, session.player, session.user, console);
    if (!outcome) return pass_on(outcome);
    if (auto detached = card->device.detach(); !detached) return pass_on(detached);
    if (stick)
        if (auto detached = stick->device.detach(); !detached) return pass_on(detached);
    return outcome;
}

}  // namespace mox::simulated_board
