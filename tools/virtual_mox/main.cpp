#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "cli/version.hpp"
#include "console/console_progress.hpp"
#include "virtual_mox/console_keys.hpp"
#include "virtual_mox/installed_places.hpp"
#include "virtual_mox/run_board.hpp"
#include "virtual_mox/scenario.hpp"

namespace {

namespace vm = mox::virtual_mox;

// As mox-rescue: 1 to 5 by the kind of error; here also 130, as a shell shows Ctrl-C.
constexpr int exit_wrong = 5;
constexpr int exit_usage = 64;
constexpr int exit_interrupted = 130;

int failed(const mox::Error& error) {
    std::cerr << "virtual-mox: " << error.describe() << '\n';
    return mox::led_code(error.kind());
}

int play(const vm::ScenarioOptions& options) {
    mox::console::Console console(STDOUT_FILENO);
    const auto result = vm::play_sample_scenario(options, console);
    console.unpin();
    if (!result) return failed(result.error());
    switch (*result) {
        case vm::ScenarioResult::as_expected:
            console.print("All checks are ok.");
            return 0;
        case vm::ScenarioResult::something_wrong:
            console.print("Something is NOT as expected.");
            return exit_wrong;
        case vm::ScenarioResult::interrupted:
            console.print("Interrupted. Nothing is left running.");
            return exit_interrupted;
    }
    return exit_wrong;
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app{
        "A Turris MOX in QEMU: power, one button, one LED, a card, USB sticks, a network and a console."};
    app.require_subcommand(1);
    app.set_version_flag("--version", "virtual-mox " + std::string(mox::cli::version));
    std::filesystem::path built = vm::default_built();
    std::filesystem::path folder;
    app.add_option("--built", built, "directory with what 'make image' has built")
        ->check(CLI::ExistingDirectory)
        ->capture_default_str();
    app.add_option("--folder", folder,
                   "directory for images and QEMU's log (default: 'run' or 'play' in the former)");

    std::optional<std::filesystem::path> boot_loader;
    app.add_option("--boot-loader", boot_loader,
                   "the boot loader, as read from the partition a53-firmware of a MOX (mtd1); default: "
                   "Debian's U-Boot for the MOX")
        ->check(CLI::ExistingFile);

    auto* const run = app.add_subcommand("run", "A board at this terminal. " + vm::console_keys_help());
    vm::RunOptions running;
    bool held = false;
    bool no_card = false;
    run->add_option("--card", running.card, "image of the SD card; default: one with the demo system")
        ->check(CLI::ExistingFile);
    run->add_option("--stick", running.stick, "image of the USB stick; default: one with the demo's medkit")
        ->check(CLI::ExistingFile);
    run->add_flag("--stick-in", running.stick_is_in, "the stick is plugged in from the start");
    run->add_flag("--no-card", no_card, "the card slot is empty at the start");
    run->add_flag("--hold", held, "the button is held when the power comes: rescue");
    run->add_option("--network", running.network,
                    "options for QEMU's own network, e.g. hostfwd=tcp:127.0.0.1:2222-:22");

    auto* const play_command = app.add_subcommand(
        "play", "The user manual's sample scenario, from power-on to the new system's login");
    bool no_console = false;
    play_command->add_flag("--no-console", no_console,
                           "end after the play, also at a terminal, instead of handing the console over");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }

    if (play_command->parsed()) {
        const bool at_terminal = ::isatty(STDIN_FILENO) == 1 && !no_console;
        return play({.built = built,
                     .folder = folder.empty() ? built / "play" : folder,
                     .console = at_terminal ? vm::ConsoleAfterwards::yes : vm::ConsoleAfterwards::no,
                     .boot_loader = boot_loader});
    }
    running.built = built;
    running.boot_loader = boot_loader;
    running.folder = folder.empty() ? built / "run" : folder;
    running.card_is_in = !no_card;
    if (held) running.button = vm::ButtonAtStart::held;
    if (const auto ran = vm::run_board(running); !ran) return failed(ran.error());
    return 0;
} catch (const std::exception& error) {
    std::cerr << "virtual-mox: " << error.what() << '\n';
    return exit_wrong;
}
