#include "programs/run_mode.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "board/this_board.hpp"
#include "boot/reboot.hpp"
#include "modes/mode_table.hpp"
#include "programs/reporter.hpp"
#include "programs/rescue_machine.hpp"
#include "storage/listed_drives.hpp"

namespace mox::programs {

namespace {

using selection::Mode;

/// What the person must agree to; empty for what can be undone.
std::string_view consequence_of(Mode mode) {
    switch (mode) {
        case Mode::reboot:
            return "This reboots the machine at once.";
        case Mode::reflash_from_drive:
        case Mode::flash_from_internet:
            return "This erases all settings and all data on the card.";
        default:
            return {};
    }
}

/// Asks the person; without one there is nobody to say yes.
Expected<void> confirm(const RunMode& run) {
    const auto consequence = consequence_of(run.mode);
    if (run.confirmed || run.dry_run || consequence.empty()) return {};
    if (!::isatty(STDIN_FILENO))
        return fail(ErrorKind::internal, std::string(consequence) + " Say --yes if you mean it");
    std::cerr << consequence << " Type yes to go on: ";
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "yes") return fail(ErrorKind::internal, "not confirmed, nothing was done");
    return {};
}

/// Modes 5 and 7 are for somebody who works by hand.
bool needs_a_card(Mode mode) {
    return mode != Mode::unsecured_ssh && mode != Mode::rescue_shell;
}

/// Null: those of the board.
Expected<std::unique_ptr<storage::Drives>> drives_by_hand(const RunMode& run,
                                                          const std::optional<board::Description>& board) {
    if (run.card || !run.drives.empty() || (!board && !needs_a_card(run.mode))) {
        auto listed = storage::ListedDrives::open(run.card, run.drives);
        if (!listed) return pass_on(listed);
        return std::make_unique<storage::ListedDrives>(std::move(*listed));
    }
    if (!board)
        return fail(
            ErrorKind::internal,
            "this machine is no router that we know; name the card with --card and USB drives with --drive");
    return nullptr;
}

const modes::ModeEntry* entry_of(Mode mode) {
    const auto table = modes::mode_table();
    const auto entry = std::ranges::find(table, mode, &modes::ModeEntry::mode);
    return entry == table.end() ? nullptr : &*entry;
}

Expected<modes::Afterwards> execute(modes::ModeContext& context, Mode mode) {
    const auto* entry = entry_of(mode);
    if (entry == nullptr)
        return fail(ErrorKind::internal, "mode " + std::to_string(number_of(mode)) + " (" +
                                             std::string(title_of(mode)) + ") is not in this version");
    boost::asio::io_context loop;
    Expected<modes::Afterwards> result = modes::Afterwards::stay;
    boost::asio::co_spawn(loop, entry->run(context), [&](const std::exception_ptr& bug, auto outcome) {
        if (bug) std::rethrow_exception(bug);
        result = std::move(outcome);
    });
    loop.run();
    return result;
}

Expected<modes::Afterwards> prepare_and_execute(const RescueOptions& options, const RunMode& run,
                                                Reporter& reporter) {
    if (auto confirmed = confirm(run); !confirmed) return pass_on(confirmed);
    const auto board = board::this_board("/");
    auto drives = drives_by_hand(run, board);
    if (!drives) return pass_on(drives);
    RescueMachine machine(options, board, std::move(*drives), reporter);
    auto& context = machine.context();
    context.variant = run.variant;
    context.execution = run.dry_run ? modes::Execution::dry_run : modes::Execution::real;
    return execute(context, run.mode);
}

nlohmann::json as_json(const RunMode& run, const Expected<modes::Afterwards>& result,
                       std::chrono::duration<double> duration) {
    nlohmann::json json{{"mode", number_of(run.mode)}, {"title", title_of(run.mode)},
                        {"dry_run", run.dry_run},      {"succeeded", result.has_value()},
                        {"seconds", duration.count()}, {"error", nullptr}};
    if (!result)
        json["error"] = {{"kind", name_of(result.error().kind())},
                         {"led_code", led_code(result.error().kind())},
                         {"message", result.error().describe()}};
    return json;
}

}  // namespace

int run_one_mode(const RescueOptions& options, const RunMode& run) {
    Reporter reporter;
    auto& log = reporter.log;
    const auto start = Clock::now();
    const auto result = prepare_and_execute(options, run, reporter);
    const auto duration = Clock::now() - start;
    reporter.console.unpin();
    if (result)
        log.info("done in " + to_text(duration));
    else
        log.error(result.error().describe());
    if (run.json) {
        using Json = nlohmann::json;
        std::cout << as_json(run, result, duration).dump(2, ' ', false, Json::error_handler_t::replace)
                  << std::endl;
    }
    if (!result) return led_code(result.error().kind());

    const bool reboots = run.mode == Mode::reboot && !run.dry_run;
    if (!reboots || *result == modes::Afterwards::stay) return 0;
    auto rebooting = boot::reboot_now(board::sysrq_trigger("/"));
    log.error(rebooting.error().describe());
    return led_code(ErrorKind::internal);
}

}  // namespace mox::programs
