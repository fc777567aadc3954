// The button daemon of the running router. It is in memory as long as the router runs, so it is a small
// static program: no event loop library, no stream library. The numbers are in
// docs/decisions/014-mox-button-is-a-small-static-program.md.

#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/file.hpp"
#include "base/log.hpp"
#include "board/evdev_source.hpp"
#include "board/this_board.hpp"
#include "board/uevent_button.hpp"
#include "button/button_daemon.hpp"
#include "button/event_log.hpp"
#include "button/hotplug_scripts.hpp"
#include "button/led_override.hpp"
#include "button/poll_loop.hpp"
#include "button/settings.hpp"
#include "button/system_control.hpp"
#include "cli/mox_button/options.hpp"
#include "cli/version.hpp"

namespace {

using namespace mox;
using button::EventLog;
using cli::mox_button::Options;

constexpr int exit_disabled = 1;
constexpr int exit_configuration = 78;  // EX_CONFIG of sysexits.h

int print(int fd, std::string_view text, int status) {
    const auto written = write_all(fd, text, "standard output", ErrorKind::internal);
    if (written) return status;
    // If standard error takes nothing either, the exit status is all that can be told.
    [[maybe_unused]] const auto told =
        write_all(STDERR_FILENO, "mox-button: " + written.error().describe() + "\n", "standard error",
                  ErrorKind::internal);
    return led_code(ErrorKind::internal);
}

std::string words_of(const std::vector<std::string>& command) {
    std::string text;
    for (const auto& word : command) {
        const bool plain = !word.empty() && word.find_first_of(" \t") == std::string::npos;
        text += (text.empty() ? "" : " ") + (plain ? word : "\"" + word + "\"");
    }
    return text;
}

/// Prints the effective configuration in the format of the file, and mistakes in it as comments.
int check(const button::ReadSettings& read) {
    const auto& settings = read.settings;
    const bool resets = settings.long_press == button::LongPress::reset;
    std::string text;
    for (const auto& line : read.warnings) text += "# " + line + "\n";
    text += "long_press_after = " + button::seconds(settings.thresholds.long_press) + "\n";
    text += "stuck_after = " + button::seconds(settings.thresholds.stuck) + "\n";
    text += "reboot_command = " + words_of(settings.reboot_command) + "\n";
    text += std::string("long_press = ") + (resets ? "reset" : "factory-reset") + "\n";
    text += std::string("handled_by_hand = ") + (settings.handled_by_hand ? "true" : "false") + "\n";
    return print(STDOUT_FILENO, text, read.warnings.empty() ? 0 : exit_configuration);
}

/// Keeps every page that was used once in memory: when the card fails, the program cannot be read again, and
/// then the user presses the button. Without permission for it the daemon runs unlocked.
void lock_memory() {
    [[maybe_unused]] const int locked = ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/// The button's names in uevents.
std::vector<std::string_view> uevent_names(const board::Description& board) {
    std::vector<std::string_view> names;
    for (const auto key : board.button_keys)
        if (const auto name = board::uevent_name(key); !name.empty()) names.push_back(name);
    return names;
}

/// Opens the button as uevents, for a kernel without an input device for it. nullopt, with the reason in the
/// log: scripts of the system handle these events, and a press must not act twice; or uevents cannot be
/// received.
std::optional<board::UeventButton> open_uevent_button(const Options& options, const board::Description& board,
                                                      const board::EvdevSource& button, EventLog& log) {
    const auto scripts = button::find_hotplug_scripts(options.root, uevent_names(board));
    if (!button.has_device())
        for (const auto& script : scripts)
            log.warning("hotplug-script",
                        {{"file", script.native()},
                         {"message", "it acts on the button, so uevents of the button are left to it"},
                         {"next", "remove it, and start mox-button again"}});
    if (!scripts.empty()) return std::nullopt;
    auto uevents = board::UeventButton::open(board.button_keys);
    if (uevents) return std::move(*uevents);
    log.warning("uevents", {{"message", uevents.error().describe()}});
    return std::nullopt;
}

Expected<void> run_daemon(const Options& options, button::Settings settings, EventLog& log) {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    auto signals = TRY(button::SignalQueue::of({SIGTERM, SIGINT, SIGCHLD}));
    const auto found = board::this_board_or_mox(options.root);
    const auto& board = found.board;
    if (found.wrong_file) log.warning("board", {{"message", found.wrong_file->describe()}});

    Log button_log(0);
    button_log.add_listener(log.listener("button"));
    board::EvdevSource button(board.button_keys, options.root / "dev/input", board::Claim::exclusive,
                              button_log);
    auto uevents = open_uevent_button(options, board, button, log);
    button::LedOverride led(board, options.root / "sys");
    button::Router router(settings.reboot_command, board::sysrq_trigger(options.root));
    button::ButtonDaemon daemon(std::move(settings), router, led, log);
    lock_memory();
    log.info("start", {{"version", std::string(cli::version)},
                       {"board", board.name},
                       {"button", button.has_device() ? "found" : "not there yet"},
                       {"uevents", uevents ? "yes" : "no"}});
    std::vector<board::ButtonSource*> sources{&button};
    if (uevents) sources.push_back(&*uevents);
    return button::operate(sources, signals, log, daemon);
}

int run(const Options& options) {
    const auto read = button::load_settings(options.root);
    const bool handled_by_user = read.settings.handled_by_hand;
    if (options.task == cli::mox_button::Task::check) return check(read);
    if (options.task == cli::mox_button::Task::is_enabled) return handled_by_user ? exit_disabled : 0;

    const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
    EventLog log(STDERR_FILENO, to_journal ? EventLog::Style::journal : EventLog::Style::plain);
    for (const auto& line : read.warnings) log.warning("configuration", {{"message", line}});
    if (handled_by_user) {
        log.info("stop", {{"reason", "the configuration says that the button is handled by hand"}});
        return 0;
    }
    const auto ended = run_daemon(options, read.settings, log);
    if (ended) return 0;
    log.error("failed", {{"message", ended.error().describe()}});
    return led_code(ended.error().kind());
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
    const auto options = cli::mox_button::read_options(words.subspan(argc > 0 ? 1 : 0));
    if (const auto* early_exit = std::get_if<cli::mox_button::EarlyExit>(&options))
        return print(early_exit->status == 0 ? STDOUT_FILENO : STDERR_FILENO, early_exit->text,
                     early_exit->status);
    return run(std::get<Options>(options));
}
