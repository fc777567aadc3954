// The daemon of normal operation. It is in memory as long as the router runs, so it is a small static program
// of its own: no event loop library, no stream library. The numbers are in
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
#include "board/description.hpp"
#include "board/evdev_source.hpp"
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
    return written ? status : led_code(ErrorKind::internal);
}

std::string words_of(const std::vector<std::string>& command) {
    std::string text;
    for (const auto& word : command) {
        const bool plain = !word.empty() && word.find_first_of(" \t") == std::string::npos;
        text += (text.empty() ? "" : " ") + (plain ? word : "\"" + word + "\"");
    }
    return text;
}

/// The configuration in force, as it could stand in the file; what is wrong with it as comments.
int check(const button::ReadSettings& read) {
    const auto& settings = read.settings;
    const bool resets = settings.long_press == button::LongPress::reset;
    std::string text;
    for (const auto& line : read.trouble) text += "# " + line + "\n";
    text += "long_press_after = " + button::seconds(settings.thresholds.long_press) + "\n";
    text += "stuck_after = " + button::seconds(settings.thresholds.stuck) + "\n";
    text += "reboot_command = " + words_of(settings.reboot_command) + "\n";
    text += std::string("long_press = ") + (resets ? "reset" : "factory-reset") + "\n";
    text += std::string("handled_by_hand = ") + (settings.handled_by_hand ? "true" : "false") + "\n";
    return print(STDOUT_FILENO, text, read.trouble.empty() ? 0 : exit_configuration);
}

/// What was needed once stays in memory: when the card does not answer any more, nothing can be read from it
/// again, and that is when somebody presses the button. Where it is not allowed we do without.
void stay_in_memory() {
    [[maybe_unused]] const int locked = ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/// The button's names in uevents.
std::vector<std::string_view> uevent_names(const board::Description& board) {
    std::vector<std::string_view> names;
    for (const auto key : board.button_keys)
        if (const auto name = board::uevent_name(key); !name.empty()) names.push_back(name);
    return names;
}

/// The button as uevents, for a kernel that has no input device for it. nullopt, and the reason in the log:
/// the system's own scripts act on these events, and a press must not act twice; or there are no such events.
std::optional<board::UeventButton> listen_to_uevents(const Options& options, const board::Description& board,
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

Expected<void> take_care_of_button(const Options& options, button::Settings settings, EventLog& log) {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    auto signals = TRY(button::SignalQueue::of({SIGTERM, SIGINT, SIGCHLD}));
    const auto board = board::this_board(options.root).value_or(board::turris_mox());

    Log sentences(0);
    sentences.add_listener(log.listener("button"));
    board::EvdevSource button(board.button_keys, options.root / "dev/input", board::Claim::exclusive,
                              sentences);
    auto uevents = listen_to_uevents(options, board, button, log);
    button::LedOverride light(board, options.root / "sys");
    button::Router router(settings.reboot_command, board::sysrq_trigger(options.root));
    button::ButtonDaemon normal(std::move(settings), router, light, log);
    stay_in_memory();
    log.info("start", {{"version", std::string(cli::version)},
                       {"board", board.name},
                       {"button", button.has_device() ? "found" : "not there yet"},
                       {"uevents", uevents ? "yes" : "no"}});
    std::vector<board::ButtonSource*> sources{&button};
    if (uevents) sources.push_back(&*uevents);
    return button::operate(sources, signals, log, normal);
}

int run(const Options& options) {
    const auto read = button::load_settings(options.root);
    const bool by_hand = read.settings.handled_by_hand;
    if (options.task == cli::mox_button::Task::check) return check(read);
    if (options.task == cli::mox_button::Task::is_enabled) return by_hand ? exit_disabled : 0;

    const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
    EventLog log(STDERR_FILENO, to_journal ? EventLog::Style::journal : EventLog::Style::plain);
    for (const auto& line : read.trouble) log.warning("configuration", {{"message", line}});
    if (by_hand) {
        log.info("stop", {{"reason", "the configuration says that the button is handled by hand"}});
        return 0;
    }
    const auto ended = take_care_of_button(options, read.settings, log);
    if (ended) return 0;
    log.error("failed", {{"message", ended.error().describe()}});
    return led_code(ended.error().kind());
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<const char* const> words(argv, static_cast<std::size_t>(argc));
    const auto options = cli::mox_button::read_options(words.subspan(argc > 0 ? 1 : 0));
    if (const auto* finished = std::get_if<cli::mox_button::Finished>(&options))
        return print(finished->status == 0 ? STDOUT_FILENO : STDERR_FILENO, finished->text, finished->status);
    return run(std::get<Options>(options));
}
