#pragma once

#include <string>

#include "base/progress.hpp"
#include "programs/console_progress.hpp"

namespace mox::programs::schnapps {

/// A bar on a terminal (standard error) while something takes longer than two seconds; gone when it is done.
class TerminalBar {
public:
    explicit TerminalBar(std::string step);
    TerminalBar(const TerminalBar&) = delete;
    TerminalBar& operator=(const TerminalBar&) = delete;
    ~TerminalBar();

    [[nodiscard]] ByteProgress bytes() { return progress_.bytes(); }

private:
    Console console_;
    Progress progress_;
};

}  // namespace mox::programs::schnapps
