#pragma once

#include <string>

#include "base/error.hpp"
#include "snapshots/diff.hpp"

namespace mox::snapshots {

/// One side of a text diff.
struct DiffSide {
    int file = -1;      ///< open for reading; -1: an empty one that does not exist
    std::string label;  ///< stands in the header instead of the file's name, as it is
};

/// Runs diff(1), which GNU and busybox have, over two files and passes its unified diff on, coloured if
/// wanted. Both are taken for text. Errors (`internal`): there is no diff(1), it failed, or it was not done
/// within a minute; and those of the sink.
[[nodiscard]] Expected<void> write_text_diff(const DiffSide& left, const DiffSide& right, Colours colours,
                                             const TextSink& sink);

/// Colours a unified diff on its way, however its pieces are cut: headers bold, places cyan, removed lines
/// red, added lines green. One for each diff.
class DiffColours {
public:
    [[nodiscard]] std::string coloured(std::string_view piece);

private:
    [[nodiscard]] std::string_view colour_for(char first);

    bool in_header_ = true;  ///< "--- " and "+++ " are no removed and added lines yet
    bool at_line_start_ = true;
    bool line_is_coloured_ = false;
};

}  // namespace mox::snapshots
