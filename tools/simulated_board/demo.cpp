#include "simulated_board/demo.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "board/description.hpp"
#include "disk_images/card_check.hpp"
#include "disk_images/image_file.hpp"
#include "disk_images/old_system.hpp"
#include "disk_images/stick.hpp"
#include "medkit/archive.hpp"
#include "medkit/medkit_files.hpp"
#include "simulated_board/boot_environment_image.hpp"
#include "simulated_board/session.hpp"
#include "simulated_board/stick_format.hpp"

namespace mox::simulated_board {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::internal;

/// The files in the directory of images.
struct Setup {
    board::Description board;
    disk_images::OldSystem old;
    fs::path card;
    fs::path stick;
    fs::path environment;  ///< configuration for libubootenv
    medkit::Sha256Digest stick_digest{};
    std::string medkit_name;
    medkit::ArchiveSummary medkit;
};

std::string took(Clock::time_point since) {
    return " (" + to_text(Clock::now() - since) + ")";
}

Expected<void> inspect_medkit(Setup& setup, const fs::path& directory) {
    auto opened = open_file(directory, O_RDONLY | O_DIRECTORY, kind);
    if (!opened) return pass_on(opened);
    const auto found = medkit::find_medkits(opened->get(), {});
    if (!found) return std::unexpected(found.error());
    if (found->medkits.empty()) return fail(kind, "there is no medkit in " + directory.string());
    setup.medkit_name = found->medkits.front().archive;
    auto file = open_file(directory / setup.medkit_name, O_RDONLY, kind);
    if (!file) return pass_on(file);
    medkit::ArchiveRules rules;
    rules.capacity = disk_images::card_size;
    const auto no_progress = [](Bytes, Bytes) {};
    auto summary = medkit::inspect_archive(file->get(), setup.medkit_name, rules, {}, no_progress);
    if (!summary) return pass_on(summary);
    setup.medkit = std::move(*summary);
    return {};
}

Expected<Setup> set_up(const DemoOptions& options, console::Console& console) {
    Setup setup{.board = simulated_board_description(),
                .old = {},
                .card = options.images / "card.img",
                .stick = options.images / "stick.img",
                .environment = {},
                .stick_digest = {},
                .medkit_name = {},
                .medkit = {}};
    if (auto inspected = inspect_medkit(setup, options.medkits); !inspected) return pass_on(inspected);

    auto start = Clock::now();
    auto old = disk_images::make_old_card(setup.card);
    if (!old) return pass_on(old);
    setup.old = std::move(*old);
    console.print("Card:   " + setup.card.string() + ", 4 GiB, btrfs with system " + setup.old.version +
                  ", a user's data and snapshots" + took(start));

    start = Clock::now();
    const auto format = pick_stick_format();
    if (!format) return std::unexpected(format.error());
    if (auto made = disk_images::make_stick(setup.stick, format->filesystem, options.medkits); !made)
        return pass_on(made);
    auto digest = disk_images::digest_of_image(setup.stick);
    if (!digest) return pass_on(digest);
    setup.stick_digest = *digest;
    console.print("Stick:  " + setup.stick.string() + ", " + format->remark + took(start));
    console.print("Medkit: " + setup.medkit_name + ", " + to_text(setup.medkit.packed) + ", " +
                  std::to_string(setup.medkit.entries) + " entries, " + to_text(setup.medkit.unpacked) +
                  " unpacked, version " + setup.medkit.version);

    auto environment = make_boot_environment(options.images);
    if (!environment) return pass_on(environment);
    setup.environment = *environment;
    return setup;
}

Expected<Outcome> play(const Setup& setup, const DemoOptions& options, console::Console& console) {
    return play_session({.board = setup.board,
                         .card = setup.card,
                         .stick = setup.stick,
                         .environment = setup.environment,
                         .keys = options.keys,
                         .player = options.player,
                         .user = {}},
                        console);
}

std::string listed(const std::vector<int>& numbers) {
    return joined(numbers, ", ", [](int number) { return std::to_string(number); });
}

Expected<disk_images::Check> check_stick(const Setup& setup) {
    const auto digest = disk_images::digest_of_image(setup.stick);
    if (!digest) return std::unexpected(digest.error());
    const bool same = *digest == setup.stick_digest;
    return disk_images::Check{"stick", same ? "bit for bit as before (SHA-256)" : "was changed", same};
}

std::vector<disk_images::Check> check_outcome(const Outcome& outcome, Player player) {
    std::vector<disk_images::Check> checks;
    checks.push_back({"announced modes, read from the LED", listed(outcome.read_from_led),
                      outcome.read_from_led == outcome.announced_by_session});
    if (player == Player::keyboard) return checks;
    const std::vector<int> of_the_manual{1, 2, 3, 3, 4, 4};
    checks.back().ok = checks.back().ok && outcome.read_from_led == of_the_manual;
    const bool is_four = outcome.executed == boot::Mode::reflash_from_drive;
    checks.push_back(
        {"executed",
         outcome.executed ? "mode " + std::to_string(number_of(*outcome.executed)) : std::string("nothing"),
         is_four && !outcome.failure});
    return checks;
}

Expected<std::vector<disk_images::Check>> check_session_card(const Setup& setup, const Outcome& outcome) {
    auto card = plug_in(setup.card, storage::DriveRole::card);
    if (!card) return pass_on(card);
    const bool reflashed = outcome.executed == boot::Mode::reflash_from_drive && !outcome.failure;
    if (!reflashed) return disk_images::check_untouched_card(card->drive, setup.old);
    return disk_images::check_card(card->drive,
                                   {.board = setup.board, .old = setup.old, .medkit = setup.medkit});
}

Expected<DemoResult> report(const Setup& setup, const Outcome& outcome, Player player,
                            console::Console& console) {
    auto checks = check_outcome(outcome, player);
    auto on_card = check_session_card(setup, outcome);
    if (!on_card) return pass_on(on_card);
    checks.insert(checks.end(), on_card->begin(), on_card->end());
    auto stick = check_stick(setup);
    if (!stick) return pass_on(stick);
    checks.push_back(*stick);

    console.print("");
    console.print("What is on the card now, read back after a new mount:");
    for (const auto& check : checks) console.print(disk_images::to_line(check));
    console.print("");
    console.print("Choosing took " + to_text(outcome.choosing) + ", the mode itself " +
                  to_text(outcome.executing) + ".");
    const bool all_ok = std::ranges::all_of(checks, &disk_images::Check::ok);
    return all_ok ? DemoResult::all_as_expected : DemoResult::something_wrong;
}

}  // namespace

Expected<DemoResult> run_demo(const DemoOptions& options, console::Console& console) {
    console.print(
        "A simulated board made of files: the real rescue program, with an image as card and another as "
        "USB stick.");
    const auto setup = set_up(options, console);
    if (!setup) return std::unexpected(setup.error());
    console.print("");
    console.print(
        "Power on. The first rows are simulated: there is no boot loader here. From \"Rescue "
        "image started\" on the real program runs.");
    auto outcome = play(*setup, options, console);
    if (!outcome) return pass_on(outcome);
    if (outcome->interrupted) return DemoResult::interrupted;
    console.print(outcome->failure ? "The mode failed: " + outcome->failure->describe()
                                   : "The router reboots.");
    return report(*setup, *outcome, options.player, console);
}

}  // namespace mox::simulated_board
