#include "simulated_board/rollback_demo.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "cli/schnapps/table.hpp"
#include "disk_images/card_check.hpp"
#include "disk_images/old_system.hpp"
#include "simulated_board/boot_environment_image.hpp"
#include "simulated_board/session.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/top_level.hpp"
#include "storage/mount.hpp"

namespace mox::simulated_board {

namespace {

namespace fs = std::filesystem;
using boot::Mode;

constexpr auto kernel_image = "boot/Image";
constexpr auto network = "etc/config/network";
constexpr auto nonsense = "this is no configuration\n";

Expected<storage::Volume> system_volume(const storage::Drive& card) {
    auto volumes = storage::volumes_of(card);
    if (!volumes) return pass_on(volumes);
    return volumes->front();
}

/// Breaks the system: deletes the kernel and the network configuration.
Expected<void> break_system(const fs::path& image) {
    auto card = plug_in(image, storage::DriveRole::card);
    if (!card) return pass_on(card);
    auto volume = system_volume(card->drive);
    if (!volume) return pass_on(volume);
    auto mount = storage::mount_card(volume->node);
    if (!mount) return pass_on(mount);
    std::error_code failed;
    fs::remove(mount->path() / "@" / kernel_image, failed);
    if (failed) return fail_errno(ErrorKind::card, kernel_image, failed.value());
    if (auto written = write_existing_file(mount->path() / "@" / network, nonsense, ErrorKind::card);
        !written)
        return written;
    if (auto unmounted = mount->unmount(); !unmounted) return pass_on(unmounted);
    return card->device.detach();
}

Expected<std::vector<snapshots::Snapshot>> snapshots_on(const storage::Drive& card) {
    auto volume = system_volume(card);
    if (!volume) return pass_on(volume);
    auto top = snapshots::TopLevel::on_device(volume->node, snapshots::Purpose::read);
    if (!top) return pass_on(top);
    return snapshots::list_snapshots(*top);
}

Expected<std::vector<snapshots::Snapshot>> show_snapshots(const fs::path& image, const std::string& heading,
                                                          console::Console& console) {
    auto card = plug_in(image, storage::DriveRole::card);
    if (!card) return pass_on(card);
    auto list = snapshots_on(card->drive);
    if (!list) return pass_on(list);
    console.print("");
    console.print(heading);
    console.print(cli::schnapps::table_of(*list, {}));
    return list;
}

disk_images::Check check_kept_state(const fs::path& top, const std::vector<snapshots::Snapshot>& after,
                                    std::size_t before) {
    if (after.size() != before + 1) return {"state before", "is not among the snapshots", false};
    const auto& kept = after.back();
    const auto text = read_small_file(top / snapshots::subvolume_of(kept.number) / network, ErrorKind::card);
    const bool is_broken_state = text && *text == nonsense && kept.type == snapshots::SnapshotType::rollback;
    return {"state before", "kept as snapshot " + to_text(kept.number), is_broken_state};
}

/// Mode 2 restores the user's files; mode 3 restores the factory state.
disk_images::Check check_user_files(const fs::path& root, const disk_images::OldSystem& old, Mode mode) {
    const auto there =
        std::ranges::count_if(old.user_files, [&](const fs::path& file) { return fs::exists(root / file); });
    const auto wanted = mode == Mode::rollback ? std::ssize(old.user_files) : 0;
    return {"the user's files",
            std::to_string(there) + " of " + std::to_string(old.user_files.size()) + " in the system",
            there == wanted};
}

Expected<std::vector<disk_images::Check>> check_rolled_back(const fs::path& image,
                                                            const disk_images::OldSystem& old, Mode mode,
                                                            const std::vector<snapshots::Snapshot>& after,
                                                            std::size_t before) {
    auto card = plug_in(image, storage::DriveRole::card);
    if (!card) return pass_on(card);
    auto volume = system_volume(card->drive);
    if (!volume) return pass_on(volume);
    auto mount = storage::mount_source(*volume);
    if (!mount) return pass_on(mount);
    const auto root = mount->path() / "@";
    const auto configuration = read_small_file(root / network, ErrorKind::card);
    const bool works = configuration && configuration->starts_with("config interface");
    const bool boots = fs::exists(root / kernel_image);
    return std::vector<disk_images::Check>{
        {kernel_image, boots ? "is back" : "is missing", boots},
        {network, works ? "is back" : "is still broken", works},
        check_user_files(root, old, mode),
        check_kept_state(mount->path(), after, before),
    };
}

disk_images::Check check_executed(const Outcome& outcome, Mode mode) {
    const bool right = outcome.executed == mode && !outcome.failure;
    return {
        "executed",
        outcome.executed ? "mode " + std::to_string(number_of(*outcome.executed)) : std::string("nothing"),
        right};
}

}  // namespace

Expected<DemoResult> run_rollback_demo(const DemoOptions& options, console::Console& console) {
    const auto image = options.images / "card.img";
    const auto old = disk_images::make_old_card(image);
    if (!old) return std::unexpected(old.error());
    if (auto broken = break_system(image); !broken) return pass_on(broken);
    console.print("Card: " + image.string() +
                  ": the kernel is deleted and the network configuration is broken.");
    const auto before = show_snapshots(image, "Snapshots before:", console);
    if (!before) return std::unexpected(before.error());
    auto environment = make_boot_environment(options.images);
    if (!environment) return pass_on(environment);

    console.print("");
    console.print("Power on, with the button held (the boot loader is simulated).");
    const auto board = simulated_board_description();
    auto outcome = play_session({.board = board,
                                 .card = image,
                                 .stick = {},
                                 .environment = *environment,
                                 .keys = options.keys,
                                 .player = options.player,
                                 .user = {.wanted_mode = number_of(options.mode), .missed_mode = 0}},
                                console);
    if (!outcome) return pass_on(outcome);
    if (outcome->interrupted) return DemoResult::interrupted;

    const auto after = show_snapshots(image, "Snapshots after:", console);
    if (!after) return std::unexpected(after.error());
    auto checks = check_rolled_back(image, *old, options.mode, *after, before->size());
    if (!checks) return pass_on(checks);
    checks->insert(checks->begin(), check_executed(*outcome, options.mode));
    console.print("");
    for (const auto& check : *checks) console.print(disk_images::to_line(check));
    console.print("Choosing took " + to_text(outcome->choosing) + ", the mode itself " +
                  to_text(outcome->executing) + ".");
    return std::ranges::all_of(*checks, &disk_images::Check::ok) ? DemoResult::all_as_expected
                                                                 : DemoResult::something_wrong;
}

}  // namespace mox::simulated_board
