#include "cli/mox_rescue/nor_update.hpp"

#include <fcntl.h>

#include <utility>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "board/this_board.hpp"
#include "cli/mox_rescue/rescue_machine.hpp"
#include "console/reporter.hpp"
#include "update/medkit_installation.hpp"
#include "update/nor_update.hpp"

namespace mox::cli {

namespace {

Expected<void> update_flash(const RescueOptions& options, const NorUpdate& update,
                            console::Reporter& reporter) {
    const auto board = TRY(board::this_board("/"));
    if (!board)
        return fail(ErrorKind::internal, "this machine is not a known router; its flash is not changed");
    RescueMachine machine(options, board, nullptr, reporter);
    reporter.progress.plan({{"writing the rescue system into the flash", 1}});

    const auto parent = update.file.parent_path();
    auto directory = TRY(open_file(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto image = TRY(update::read_rescue_image(directory.get(), update.file.filename(), *board,
                                               update::trusted_keys(machine.context())),
                     parent.native());
    const auto commit = TRY(Commit::begin());
    reporter.progress.next_step();
    auto written = update::write_rescue_image(image, *board, reporter.log, reporter.progress.bytes());
    reporter.progress.finish();
    return written;
}

}  // namespace

int run_nor_update(const RescueOptions& options, const NorUpdate& update) {
    console::Reporter reporter;
    const StopSignals signals(
        {.stop = {}, .say = [&](std::string_view line) { reporter.log.warning(std::string(line)); }});
    const auto updated = update_flash(options, update, reporter);
    reporter.console.unpin();
    if (updated) return 0;
    reporter.log.error(updated.error());
    return led_code(updated.error().kind());
}

}  // namespace mox::cli
