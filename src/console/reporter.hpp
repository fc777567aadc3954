#pragma once

#include <unistd.h>

#include "base/log.hpp"
#include "base/progress.hpp"
#include "console/console_progress.hpp"

namespace mox::console {

/// Shows each log line and a progress bar of a running mode on the console (standard error).
struct Reporter {
    Reporter() {
        log.add_listener([this](const LogLine& line) { console.print(to_text(line)); });
        progress.add_listener(bar.listener());
    }
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    Console console{STDERR_FILENO};
    ConsoleProgress bar{console};
    Log log;
    Progress progress;
};

}  // namespace mox::console
