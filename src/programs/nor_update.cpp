#include "programs/nor_update.hpp"

#include <fcntl.h>

#include <utility>

#include "base/file.hpp"
#include "base/interruption.hpp"
#include "base/stop_signals.hpp"
#include "board/this_board.hpp"
#include "modes/medkit_installation.hpp"
#include "modes/nor_update.hpp"
#include "programs/reporter.hpp"
#include "programs/rescue_machine.hpp"

namespace mox::programs {

namespace {

Expected<void> update_flash(const RescueOptions& options, const NorUpdate& update, Reporter& reporter) {
    const auto board = board::this_board("/");
    if (!board)
        return fail(ErrorKind::internal, "this machine is no router that we know: its flash is left alone");
    RescueMachine machine(options, board, nullptr, reporter);
    reporter.progress.plan({{"writing the rescue system into the flash", 1}});

    const auto folder = update.file.parent_path();
    auto directory = TRY(open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, ErrorKind::medkit));
    auto image = TRY(modes::read_rescue_image(directory.get(), update.file.filename(), *board,
                                              modes::trusted_keys(machine.context())),
                     folder.native());
    const auto commit = TRY(Commit::begin());
    reporter.progress.next_step();
    auto written = modes::write_rescue_image(image, *board, reporter.log, reporter.progress.bytes());
    reporter.progress.finish();
    return written;
}

}  // namespace

int run_nor_update(const RescueOptions& options, const NorUpdate& update) {
    Reporter reporter;
    const StopSignals signals(
        {.stop = {}, .say = [&](std::string_view line) { reporter.log.warning(std::string(line)); }});
    const auto updated = update_flash(options, update, reporter);
    reporter.console.unpin();
    if (updated) return 0;
    reporter.log.error(updated.error().describe());
    return led_code(updated.error().kind());
}

}  // namespace mox::programs
