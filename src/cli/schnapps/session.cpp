#include "cli/schnapps/session.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "board/this_board.hpp"
#include "cli/board_drives.hpp"
#include "snapshots/root_mounts.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/space_reclaimer.hpp"
#include "snapshots/stale_work.hpp"

namespace mox::cli::schnapps {

namespace {

namespace fs = std::filesystem;

bool is_block_device(const fs::path& place) {
    struct stat about{};
    return ::stat(place.c_str(), &about) == 0 && S_ISBLK(about.st_mode);
}

bool is_on_btrfs(const fs::path& place) {
    struct statfs about{};
    return ::statfs(place.c_str(), &about) == 0 && about.f_type == BTRFS_SUPER_MAGIC;
}

/// The file system that the modes of the rescue system work on: the card's, or that of `root_uuid`.
Expected<fs::path> card_of(const board::Description& board) {
    Log log;  // without listeners: messages about drives are not for users of schnapps
    const auto environment = open_environment(std::nullopt, board, log);
    const auto drives = drives_of(board, *environment, log);
    return system_node(*drives);
}

}  // namespace

void Session::print(std::string_view line) const {
    const auto text = "schnapps: " + std::string(line) + "\n";
    // Ignore errors: a closed terminal must not stop the command.
    [[maybe_unused]] const auto written =
        write_all(STDERR_FILENO, text, "standard error", ErrorKind::internal);
}

Expected<fs::path> Session::place() const {
    if (options_.place) return *options_.place;
    if (is_on_btrfs("/")) return fs::path("/");
    auto configured = TRY(snapshots::load_configuration("/"));
    if (!configured.root_device.empty()) return configured.root_device;
    // The rescue system itself runs from memory: there the file system is that of the card, or of the disk in
    // its place.
    const auto board = TRY(board::this_board("/"));
    return board ? card_of(*board) : fs::path("/");
}

Expected<snapshots::TopLevel> Session::open(snapshots::Purpose purpose) const {
    if (::geteuid() != 0)
        return fail(ErrorKind::snapshot, "only root can work with snapshots", {"try again as root"});
    auto where = TRY(place());
    return snapshots::TopLevel::at(where, purpose);
}

fs::path Session::system_root(const snapshots::TopLevel& top) const {
    if (!options_.place) return "/";
    return is_block_device(*options_.place) ? top.path() / snapshots::root_name : *options_.place;
}

Expected<snapshots::Configuration> Session::configuration() const {
    auto top = TRY(open(snapshots::Purpose::read));
    auto configuration = snapshots::load_configuration(system_root(top));
    if (!configuration) return pass_on(configuration);
    for (const auto& warning : configuration->warnings) print("warning: configuration: " + warning);
    return configuration;
}

snapshots::HookSettings Session::hooks() const {
    snapshots::HookSettings settings;
    const auto root = options_.place.value_or("/");
    if (!is_block_device(root)) settings.directory = root / "etc/schnapps/rollback.d";
    settings.log = [this](const std::string& line) { print(line); };
    return settings;
}

Expected<snapshots::Writer> Session::begin(const snapshots::TopLevel& top,
                                           std::optional<std::chrono::milliseconds> limit) const {
    const snapshots::LockWait wait{
        .on_wait = [this] { print("waiting for another schnapps to finish"); },
        .limit = limit,
    };
    auto writer = snapshots::Writer::begin(top, wait);
    if (!writer) return writer;
    for (const auto& repair : writer->repairs()) print(repair);
    auto stale =
        TRY(snapshots::remove_stale_work(*writer), "subvolumes of an interrupted call cannot be removed");
    for (const auto& name : stale) print("what an interrupted call left behind was removed (" + name + ")");
    return writer;
}

/// Fails if the directory of -d, or the running system, is a snapshot now.
Expected<void> Session::check_current(const snapshots::TopLevel& top) const {
    const auto directory = options_.place.value_or("/");
    if (is_block_device(directory) || !is_on_btrfs(directory)) return {};
    // A foreign directory is not a reason to stop: the command itself finds what is wrong with it.
    const auto shown = snapshots::snapshot_shown(top, directory);
    if (!shown || shown->empty()) return {};
    if (!options_.place)
        return fail(ErrorKind::snapshot,
                    "the running system is " + *shown + "; the current system, @, starts at the next boot");
    return fail(ErrorKind::snapshot, directory.native() + " shows " + *shown + ", not the current system, @",
                {"mount that (umount " + directory.native() + ", mount -o subvol=@ " + top.device().native() +
                 " " + directory.native() + "), or name the device: -d " + top.device().native()});
}

void Session::warn_if_not_current(const snapshots::TopLevel& top) const {
    if (const auto current = check_current(top); !current) print("warning: " + current.error().describe());
}

Expected<void> Session::require_current(const snapshots::TopLevel& top) const {
    if (options_.place) return check_current(top);
    warn_if_not_current(top);
    return {};
}

Error Session::with_space_hint(Error error) const {
    // Errors of an export's destination have another kind.
    if (!snapshots::is_full(error) || error.kind() != ErrorKind::card) return error;
    const auto top = open(snapshots::Purpose::read);
    return top ? snapshots::with_space_hint(*top, std::move(error)) : error;
}

Expected<std::string> Session::change(const Work& work) const {
    auto top = TRY(open(snapshots::Purpose::change));
    auto writer = TRY(begin(top));
    return work(writer);
}

}  // namespace mox::cli::schnapps
