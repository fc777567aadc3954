#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "base/error.hpp"
#include "console/console_progress.hpp"
#include "simulated_board/demo.hpp"
#include "simulated_board/rollback_demo.hpp"

namespace {

// As mox-rescue: 1 to 5 by the kind of error; here also 130, as a shell shows Ctrl-C.
constexpr int exit_wrong = 5;
constexpr int exit_usage = 64;
constexpr int exit_interrupted = 130;

int run(const mox::simulated_board::DemoOptions& options) {
    mox::console::Console console(STDOUT_FILENO);
    const bool flashes = options.mode == mox::boot::Mode::reflash_from_drive;
    const auto result = flashes ? mox::simulated_board::run_demo(options, console)
                                : mox::simulated_board::run_rollback_demo(options, console);
    if (!result) {
        console.unpin();
        std::cerr << "simulated-board: " << result.error().describe() << '\n';
        return mox::led_code(result.error().kind());
    }
    switch (*result) {
        case mox::simulated_board::DemoResult::all_as_expected:
            console.print("All checks are ok.");
            return 0;
        case mox::simulated_board::DemoResult::something_wrong:
            console.print("Something is NOT as expected: see the lines with FAILED.");
            return exit_wrong;
        case mox::simulated_board::DemoResult::interrupted:
            console.print("Interrupted. Nothing is left mounted or attached.");
            return exit_interrupted;
    }
    return exit_wrong;
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app{"A MOX made of files: plays a rescue from power on to the new system, and checks it."};
    mox::simulated_board::DemoOptions options;
    bool interactive = false;
    int mode = 4;
    app.add_option("--mode", mode, "2 or 3: bring a broken system back; 4: re-flash")
        ->check(CLI::Range(2, 4))
        ->capture_default_str();
    app.add_option("--medkits", options.medkits, "directory whose files are put on the stick (mode 4)")
        ->check(CLI::ExistingDirectory);
    app.add_option("--keys", options.keys, "directory of trusted public keys (mode 4)")
        ->check(CLI::ExistingDirectory);
    app.add_option("--images", options.images, "directory for the images of card and stick")
        ->required()
        ->check(CLI::ExistingDirectory);
    app.add_flag("--interactive", interactive, "press the button yourself, on the keyboard");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (mode == 4 && (options.medkits.empty() || options.keys.empty())) {
        std::cerr << "simulated-board: mode 4 needs --medkits and --keys\n";
        return exit_usage;
    }
    options.mode = static_cast<mox::boot::Mode>(mode);
    if (interactive) options.player = mox::simulated_board::Player::keyboard;
    return run(options);
} catch (const std::exception& error) {
    std::cerr << "simulated-board: " << error.what() << '\n';
    return exit_wrong;
}
