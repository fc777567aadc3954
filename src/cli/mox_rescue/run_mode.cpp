#include "cli/mox_rescue/run_mode.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/interruption.hpp"
#include "board/board_file.hpp"
#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "cli/command_table.hpp"
#include "cli/mox_rescue/confirmation.hpp"
#include "cli/mox_rescue/rescue_machine.hpp"
#include "cli/question.hpp"
#include "console/reporter.hpp"
#include "rescue/mode_table.hpp"
#include "storage/listed_drives.hpp"
#include "update/medkit_search.hpp"

namespace mox::cli {

namespace {

using boot::Mode;

/// In modes 5 and 7 the user works in a shell, also without a card.
bool needs_a_card(Mode mode) {
    return mode != Mode::unsecured_ssh && mode != Mode::rescue_shell;
}

/// The options that name on a PC what a router finds by itself.
std::string options_on_a_pc(Mode mode) {
    std::string text = "name the card with --card /dev/sdX";
    if (mode == Mode::reflash_from_drive) text += ", and the medkit with --medkit FILE or --drive /dev/sdY";
    return text + "; lsblk shows the disks";
}

/// Where mode 4 looks for medkits. A medkit that the user has named is not mixed with those of drives that
/// happen to be plugged in.
update::MedkitSources medkit_sources(const RunMode& run, bool is_pc, const std::string& latest_name) {
    update::MedkitSources sources{.paths = run.medkits,
                                  .usb_drives = run.medkits.empty() || !run.drives.empty()};
    sources.keys_hint = "name a directory of public keys with --keys DIRECTORY";
    if (is_pc || !run.medkits.empty())
        sources.hint = "name a medkit, or a directory that holds " + latest_name +
                       ", with --medkit, or a USB drive with --drive";
    return sources;
}

/// The router that the card is for. A router knows what it is, so that a user cannot put another board's
/// system on its card by accident.
Expected<board::Description> target_board(const RunMode& run,
                                          const std::optional<board::Description>& this_board) {
    if (!this_board) return board::board_of_file_or_mox(run.board);
    if (run.board)
        return fail(ErrorKind::internal,
                    "--board is for a PC only, and this machine is a " + this_board->name,
                    {"leave --board out; a file in /" + std::string(board::board_files_directory) +
                     " changes this router's description"});
    return *this_board;
}

/// null: the drives of the board.
Expected<std::unique_ptr<storage::Drives>> listed_drives(const RunMode& run,
                                                         const std::optional<board::Description>& board) {
    if (run.card || !run.drives.empty() || (!board && !needs_a_card(run.mode))) {
        auto listed = TRY(storage::ListedDrives::open(run.card, run.drives));
        return std::make_unique<storage::ListedDrives>(std::move(listed));
    }
    if (!board)
        return fail(ErrorKind::internal, "this machine is not a known router", {options_on_a_pc(run.mode)});
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
    const bool asks = must_be_confirmed(run.mode) && !run.confirmed && !run.dry_run;
    if (asks) TRY(require_terminal_for(run.mode));
    const auto board = TRY(board::this_board("/"));
    const auto target = TRY(target_board(run, board));
    auto drives = TRY(listed_drives(run, board));
    RescueMachine machine(options, board, std::move(drives), reporter, target);
    auto& context = machine.context();
    context.variant = run.variant;
    context.execution = run.dry_run ? update::Execution::dry_run : update::Execution::real;
    context.medkits = medkit_sources(run, !board, medkit::latest_name(update::medkit_names(context)));
    if (asks && run.mode == Mode::reboot) TRY(confirm_reboot(reporter.console));
    if (asks)
        context.confirm = [&reporter](const update::EraseQuestion& question) {
            return confirm_erasing(reporter.console, question);
        };
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
