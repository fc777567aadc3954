// `medkit stick`: puts a medkit onto a stick, for mode 4.
//
// Restart contract. Nothing is written before the medkit is verified and the user has confirmed. What a pull,
// a signal or a power cut leaves behind:
//
//   1. an empty disk gets a partition table    an empty partition; the next call formats it when it is named
//   2. an empty partition is formatted         the same, or an empty FAT32
//   3. the medkit is copied                    medkit/copy_medkit.cpp: the whole medkit or none
//   4. the copies are read back                the medkit is complete
//
// No file that is not of this medkit is changed or removed.

#include <fcntl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "board/board_file.hpp"
#include "cli/medkit/commands.hpp"
#include "cli/medkit/location.hpp"
#include "cli/medkit/report.hpp"
#include "cli/question.hpp"
#include "medkit/choice.hpp"
#include "medkit/copy_medkit.hpp"
#include "storage/mount.hpp"
#include "storage/stick.hpp"

namespace mox::cli {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::medkit;

struct Chosen {
    MedkitLocation location;
    medkit::VerifiedMedkit verified;
};

/// A mount has no directory: its path is that of a descriptor, which says nothing to a user.
Error on_stick(const Error& error, const storage::Mount& mount, const std::string& stick) {
    const auto path = mount.path().native();
    const auto without_path = [&](std::string text) {
        for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at))
            text.erase(at, path.size());
        return text;
    };
    return Error(error.kind(), without_path(error.headline()), error.reason())
        .with_hint({without_path(error.hint())})
        .with_context(stick);
}

class StickWork {
public:
    StickWork(const StickMedkit& command, medkit::VerifyRules rules, std::string board,
              console::Reporter& reporter)
        : command_(command), rules_(std::move(rules)), board_(std::move(board)), reporter_(reporter) {}

    Expected<std::string> run();

private:
    Expected<void> require_name_for_mode_4(const medkit::MedkitFiles& files) const;
    Expected<Chosen> choose_best();
    Expected<medkit::VerifiedMedkit> verify(const MedkitLocation& location);
    Expected<FilledStick> fill_directory(const Chosen& chosen);
    Expected<storage::Stick> examine();
    Expected<void> require_fits(const storage::Stick& stick, const MedkitLocation& medkit);
    Expected<void> confirm(const storage::Stick& stick, const Chosen& chosen);
    Expected<storage::Volume> volume_with_room(const storage::Stick& stick, const Chosen& chosen);
    Expected<FilledStick> fill_device(const storage::Stick& stick, const Chosen& chosen);
    Expected<void> copy_to(const storage::Volume& volume, const Chosen& chosen, FilledStick& filled);
    Expected<void> compare_on(const storage::Volume& volume, const FilledStick& filled);
    Expected<std::vector<medkit::CopiedFile>> copy(const Chosen& chosen, const fs::path& target);
    Expected<void> compare(const FilledStick& filled, const fs::path& target);

    const StickMedkit& command_;
    medkit::VerifyRules rules_;
    std::string board_;
    console::Reporter& reporter_;
};

Expected<medkit::VerifiedMedkit> StickWork::verify(const MedkitLocation& location) {
    reporter_.progress.plan({{"verify the medkit"}, {"write the stick"}, {"read it back"}});
    reporter_.progress.next_step();
    auto verified =
        medkit::verify_medkit(location.directory.get(), location.files, rules_, reporter_.progress.bytes());
    if (verified) reporter_.progress.finish();
    TRY(fail_if_stopped());
    return verified;
}

/// Mode 4 knows a medkit by its name.
Expected<void> StickWork::require_name_for_mode_4(const medkit::MedkitFiles& files) const {
    const medkit::NamePattern names{.board = board_};
    if (medkit::read_name(files.archive, names) != medkit::MedkitName::none) return {};
    return fail(kind, medkit::printable_name(files.archive) + ": mode 4 takes no medkit of that name",
                {"give it back the name that it had on the server, such as " + medkit::latest_name(names)});
}

/// The best medkit of the current directory, as mode 4 chooses.
Expected<Chosen> StickWork::choose_best() {
    auto open = TRY(open_file(".", O_RDONLY | O_DIRECTORY, kind));
    auto listing = TRY(medkit::find_medkits(open.get(), {.board = board_}));
    for (const auto& message : listing.not_used) reporter_.log.warning(message);
    std::vector<medkit::Candidate> candidates;
    std::vector<Expected<medkit::VerifiedMedkit>> results;
    MedkitLocation location{std::move(open), {}};
    for (const auto& files : listing.medkits) {
        location.files = files;
        auto candidate = medkit::candidate_before_verification(files, storage::DriveRole::usb, "here");
        results.push_back(verify(location));
        TRY(fail_if_stopped());
        candidates.push_back(results.back()
                                 ? medkit::after_verification(std::move(candidate), *results.back())
                                 : medkit::after_rejection(std::move(candidate), results.back().error()));
    }
    for (const auto& line : medkit::explain_choice(candidates)) reporter_.log.info(line);
    const auto best = medkit::choose(candidates);
    if (best) {
        location.files = std::move(listing.medkits[*best]);
        return Chosen{std::move(location), std::move(*results[*best])};
    }
    if (results.size() == 1) return pass_on(results.front());
    return fail(kind, "there is no valid medkit in this directory",
                {"name one, or download the latest one first: medkit get"});
}

Expected<std::vector<medkit::CopiedFile>> StickWork::copy(const Chosen& chosen, const fs::path& target) {
    reporter_.progress.next_step();
    auto copied = medkit::copy_medkit(chosen.location.directory.get(), chosen.location.files, target,
                                      reporter_.progress.bytes());
    return copied;
}

Expected<void> StickWork::compare(const FilledStick& filled, const fs::path& target) {
    reporter_.progress.next_step();
    TRY(medkit::compare_copies(filled.files, target, reporter_.progress.bytes()));
    reporter_.progress.finish();
    return {};
}

Expected<FilledStick> StickWork::fill_directory(const Chosen& chosen) {
    const auto& target = command_.target;
    TRY(medkit::require_copyable(chosen.location.directory.get(), chosen.location.files, target),
        target.native());
    if (!TRY(storage::is_mount_point(target)))
        reporter_.log.warning(target.native() +
                              " is not the top directory of a drive: mode 4 looks into no folder");
    FilledStick filled{.target = target.native(), .files = TRY(copy(chosen, target))};
    TRY(compare(filled, target));
    return filled;
}

Expected<storage::Stick> StickWork::examine() {
    auto stick =
        TRY(storage::examine_stick(command_.target, command_.fixed_disk ? storage::AcceptedDisks::all
                                                                        : storage::AcceptedDisks::removable));
    return stick;
}

/// What can be refused before the medkit is read.
Expected<void> StickWork::require_fits(const storage::Stick& stick, const MedkitLocation& medkit) {
    if (!stick.is_empty) return {};
    TRY(medkit::require_fat_sizes(medkit.directory.get(), medkit.files));
    const auto needed = TRY(medkit::size_of(medkit.directory.get(), medkit.files));
    if (needed + storage::fat_overhead(stick.size) <= stick.size) return storage::require_stick_formatter();
    return fail(kind,
                command_.target.native() + " is too small: it holds " + to_text(stick.size) +
                    ", and the medkit needs " + to_text(needed),
                {"use a larger stick"});
}

/// The first volume that the medkit fits on. Nothing is written.
Expected<storage::Volume> StickWork::volume_with_room(const storage::Stick& stick, const Chosen& chosen) {
    std::optional<Error> failure;
    for (const auto& volume : stick.readable) {
        auto mount = storage::mount_source(volume);
        auto fits = mount ? medkit::require_copyable(chosen.location.directory.get(), chosen.location.files,
                                                     mount->path())
                          : Expected<void>(std::unexpected(mount.error()));
        if (fits) return volume;
        auto error = mount ? on_stick(fits.error(), *mount, volume.describe()) : mount.error();
        if (!failure) failure = std::move(error);
    }
    return std::unexpected(std::move(*failure));
}

Expected<void> StickWork::confirm(const storage::Stick& stick, const Chosen& chosen) {
    if (command_.confirmed) return {};
    auto& console = reporter_.console;
    console.unpin();
    console.print(stick.is_empty ? "this formats the stick with FAT32 (no partition table and no file system "
                                   "were found on it), and writes a medkit:"
                                 : "this writes a medkit onto the stick; the files on it stay:");
    console.print("  stick:  " + stick.disk.describe());
    if (stick.disk.drive.node != stick.node) console.print("  where:  " + stick.node.native());
    console.print("  medkit: " + short_report(chosen.verified));
    TRY(ask_for_yes(console));
    const auto now = TRY(storage::summarize(stick.disk.drive));
    if (storage::is_same(now, stick.disk)) return {};
    return fail(kind, stick.node.native() + " has changed since the question; now it is " + now.describe(),
                {"nothing was written; look which disk it is, and try again"});
}

Expected<void> StickWork::copy_to(const storage::Volume& volume, const Chosen& chosen, FilledStick& filled) {
    auto mount = TRY(storage::mount_stick(volume));
    const auto named = [&](const Error& error) {
        return std::unexpected(on_stick(error, mount, filled.target));
    };
    const auto fits =
        medkit::require_copyable(chosen.location.directory.get(), chosen.location.files, mount.path());
    if (!fits) return named(fits.error());
    auto copied = copy(chosen, mount.path());
    if (!copied) return named(copied.error());
    filled.files = std::move(*copied);
    auto unmounted = mount.unmount();
    if (!unmounted) return std::unexpected(std::move(unmounted).error().as(kind).with_context(filled.target));
    filled.still_in_use = *unmounted == storage::AfterUnmount::in_use;
    return {};
}

/// As mode 4 reads it: after the unmount, so that nothing comes from memory.
Expected<void> StickWork::compare_on(const storage::Volume& volume, const FilledStick& filled) {
    const auto mount =
        TRY(filled.still_in_use ? storage::mount_stick(volume) : storage::mount_source(volume));
    auto equal = compare(filled, mount.path());
    if (!equal) return std::unexpected(on_stick(equal.error(), mount, filled.target));
    return {};
}

Expected<FilledStick> StickWork::fill_device(const storage::Stick& stick, const Chosen& chosen) {
    std::optional<storage::Volume> volume;
    if (!stick.is_empty) volume = TRY(volume_with_room(stick, chosen));
    TRY(confirm(stick, chosen));
    if (!volume) volume = TRY(storage::format_stick(stick));
    FilledStick filled{.target = volume->describe(), .formatted = stick.is_empty, .files = {}};
    TRY(copy_to(*volume, chosen, filled));
    TRY(compare_on(*volume, filled));
    return filled;
}

Expected<std::string> StickWork::run() {
    std::error_code unreadable;
    const bool is_directory = fs::is_directory(command_.target, unreadable);
    if (!is_directory && !command_.confirmed) TRY(require_terminal("this writes a medkit onto the stick"));
    std::optional<MedkitLocation> named;
    if (command_.medkit) {
        named = TRY(find_medkit(*command_.medkit));
        TRY(require_name_for_mode_4(named->files));
    }
    std::optional<storage::Stick> stick;
    if (!is_directory) stick = TRY(examine());
    if (stick && named) TRY(require_fits(*stick, *named));
    std::optional<Chosen> best;
    if (named) {
        auto verified = TRY(verify(*named));
        best = Chosen{std::move(*named), std::move(verified)};
    } else {
        best = TRY(choose_best());
        if (stick) TRY(require_fits(*stick, best->location));
    }
    const auto& chosen = *best;
    const auto filled = TRY(stick ? fill_device(*stick, chosen) : fill_directory(chosen));
    return command_.json ? report_json(filled, chosen.verified) : report(filled, chosen.verified);
}

}  // namespace

Expected<std::string> run(const StickMedkit& command, console::Reporter& reporter) {
    const Interruption interruption;
    const auto board = TRY(board::board_of_file_or_mox(command.board));
    return StickWork(command, verify_rules(board, command.keys), board.medkit_prefix, reporter).run();
}

}  // namespace mox::cli
