#include "cli/mox_rescue/run_mode.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdio>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/interruption.hpp"
#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "cli/command_table.hpp"
#include "cli/mox_rescue/rescue_machine.hpp"
#include "console/reporter.hpp"
#include "rescue/mode_table.hpp"
#include "storage/listed_drives.hpp"

namespace mox::cli {

namespace {

using boot::Mode;

/// The consequence that the user must confirm; empty for modes that can be undone.
std::string_view consequence_of(Mode mode) {
    switch (mode) {
        case Mode::reboot:
            return "this reboots the machine at once";
        case Mode::reflash_from_drive:
        case Mode::flash_from_internet:
            return "this erases all settings and all data on the card";
        default:
            return {};
    }
}

/// The reason of an error: the user has not confirmed (exit_not_confirmed). No mode has it otherwise.
constexpr int not_confirmed = ECANCELED;

bool is_not_confirmed(const Error& error) {
    return error.kind() == ErrorKind::internal && error.reason() == not_confirmed;
}

std::unexpected<Error> refuse(std::string message, Hint hint = {}) {
    return std::unexpected(
        Error(ErrorKind::internal, std::move(message), not_confirmed).with_hint(std::move(hint)));
}

/// Asks the user to confirm; fails without a terminal to ask on.
Expected<void> confirm(const RunMode& run) {
    const auto consequence = consequence_of(run.mode);
    if (run.confirmed || run.dry_run || consequence.empty()) return {};
    if (!::isatty(STDIN_FILENO)) return refuse(std::string(consequence), {"confirm it with --yes"});
    std::cerr << consequence << "; type yes to continue: ";
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "yes") return refuse("not confirmed; nothing was done");
    return {};
}

/// In modes 5 and 7 the user works in a shell, also without a card.
bool needs_a_card(Mode mode) {
    return mode != Mode::unsecured_ssh && mode != Mode::rescue_shell;
}

/// null: the drives of the board.
Expected<std::unique_ptr<storage::Drives>> listed_drives(const RunMode& run,
                                                         const std::optional<board::Description>& board) {
    if (run.card || !run.drives.empty() || (!board && !needs_a_card(run.mode))) {
        auto listed = TRY(storage::ListedDrives::open(run.card, run.drives));
        return std::make_unique<storage::ListedDrives>(std::move(listed));
    }
    if (!board)
        return fail(ErrorKind::internal, "this machine is not a known router",
                    {"name the card with --card and USB drives with --drive"});
    return nullptr;
}

const rescue::ModeEntry* entry_of(Mode mode) {
    const auto table = rescue::mode_table();
    const auto entry = std::ranges::find(table, mode, &rescue::ModeEntry::mode);
    return entry == table.end() ? nullptr : &*entry;
}

/// A signal ends mode 5, which then cleans up by itself (rescue/modes/unsecured_ssh.cpp).
bool ends_by_signal(Mode mode) {
    return mode == Mode::unsecured_ssh;
}

/// The event loop of the running mode; the signal handler thread can stop it.
class StoppableLoop {
public:
    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        if (loop_ != nullptr) loop_->stop();
    }
    void set(boost::asio::io_context* loop) {
        const std::lock_guard lock(mutex_);
        loop_ = loop;
        if (loop_ != nullptr && stopped_) loop_->stop();
    }

private:
    std::mutex mutex_;
    boost::asio::io_context* loop_ = nullptr;
    bool stopped_ = false;
};

/// A signal before the first write stops the loop. The coroutine's resources (mounts, write protections,
/// addresses, programs) are released at the end of the scope.
Expected<rescue::ModeOutcome> execute(update::Context& context, Mode mode, StoppableLoop& to_stop) {
    const auto* entry = entry_of(mode);
    if (entry == nullptr)
        return fail(ErrorKind::internal, "mode " + std::to_string(number_of(mode)) + " (" +
                                             std::string(title_of(mode)) + ") is not in this version");
    boost::asio::io_context loop;
    Expected<rescue::ModeOutcome> result = rescue::ModeOutcome::stay;
    boost::asio::co_spawn(loop, entry->run(context), [&](const std::exception_ptr& bug, auto outcome) {
        if (bug) std::rethrow_exception(bug);
        result = std::move(outcome);
    });
    std::optional<Interruption> interruption;
    if (!ends_by_signal(mode)) interruption.emplace();
    to_stop.set(&loop);
    loop.run();
    to_stop.set(nullptr);
    TRY(fail_if_stopped(), "nothing was changed");
    return result;
}

Expected<rescue::ModeOutcome> prepare_and_execute(const RescueOptions& options, const RunMode& run,
                                                  console::Reporter& reporter, StoppableLoop& to_stop) {
    TRY(confirm(run));
    const auto board = TRY(board::this_board("/"));
    auto drives = TRY(listed_drives(run, board));
    RescueMachine machine(options, board, std::move(drives), reporter);
    auto& context = machine.context();
    context.variant = run.variant;
    context.execution = run.dry_run ? update::Execution::dry_run : update::Execution::real;
    return execute(context, run.mode, to_stop);
}

nlohmann::json as_json(const RunMode& run, const Expected<rescue::ModeOutcome>& result,
                       std::chrono::duration<double> duration) {
    nlohmann::json json{{"mode", number_of(run.mode)}, {"title", title_of(run.mode)},
                        {"dry_run", run.dry_run},      {"succeeded", result.has_value()},
                        {"seconds", duration.count()}, {"error", nullptr}};
    if (!result)
        json["error"] = {{"kind", name_of(result.error().kind())},
                         {"led_code", led_code(result.error().kind())},
                         {"message", result.error().headline()},
                         {"hint", result.error().hint()}};
    return json;
}

}  // namespace

int run_one_mode(const RescueOptions& options, const RunMode& run) {
    console::Reporter reporter;
    auto& log = reporter.log;
    StoppableLoop to_stop;
    const StopSignals signals({.stop = [&] { to_stop.stop(); },
                               .say = [&](std::string_view line) { log.warning(std::string(line)); }});
    const auto start = Clock::now();
    const auto result = prepare_and_execute(options, run, reporter, to_stop);
    const auto duration = Clock::now() - start;
    reporter.console.unpin();
    if (result)
        log.info("done in " + to_text(duration));
    else
        log.error(result.error());
    if (run.json) {
        using Json = nlohmann::json;
        std::cout << as_json(run, result, duration).dump(2, ' ', false, Json::error_handler_t::replace)
                  << std::endl;
    }
    if (const auto signal = stopped_by()) return exit_status_of(*signal);
    if (!result)
        return is_not_confirmed(result.error()) ? exit_not_confirmed : led_code(result.error().kind());

    const bool reboots = run.mode == Mode::reboot && !run.dry_run;
    if (!reboots || *result == rescue::ModeOutcome::stay) return 0;
    auto rebooting = boot::reboot_now(board::sysrq_trigger("/"));
    log.error(rebooting.error());
    return led_code(ErrorKind::internal);
}

}  // namespace mox::cli
