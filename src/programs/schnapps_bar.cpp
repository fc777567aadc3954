#include "programs/schnapps_bar.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace mox::programs::schnapps {

namespace {

/// What is soon done needs no bar.
constexpr std::chrono::seconds patience{2};

}  // namespace

TerminalBar::TerminalBar(std::string step) : console_(STDERR_FILENO), progress_({{std::move(step)}}) {
    if (console_.kind() == Console::Kind::plain) return;
    progress_.add_listener([this](const ProgressState& state) {
        if (state.step_finished)
            console_.unpin();
        else if (state.step_elapsed >= patience)
            console_.pin(running_line(state));
    });
    progress_.next_step();
}

TerminalBar::~TerminalBar() {
    progress_.finish();
}

}  // namespace mox::programs::schnapps
