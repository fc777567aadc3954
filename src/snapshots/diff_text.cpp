#include "snapshots/diff_text.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/child_process.hpp"

namespace mox::snapshots {

namespace {

/// For two files of a few MiB without a common line, on a router.
constexpr std::chrono::seconds time_limit{60};

/// ECMA-48 "select graphic rendition".
constexpr std::string_view bold = "\033[1m";
constexpr std::string_view red = "\033[31m";
constexpr std::string_view green = "\033[32m";
constexpr std::string_view cyan = "\033[36m";
constexpr std::string_view plain = "\033[m";

/// An open file as a path that a child process can open too.
std::string path_of(int file) {
    if (file < 0) return "/dev/null";
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file);
}

}  // namespace

std::string_view DiffColours::colour_for(char first) {
    if (first == '@') in_header_ = false;
    if (in_header_) return bold;
    switch (first) {
        case '@':
            return cyan;
        case '-':
            return red;
        case '+':
            return green;
        default:
            return {};
    }
}

std::string DiffColours::coloured(std::string_view piece) {
    std::string result;
    while (!piece.empty()) {
        if (std::exchange(at_line_start_, false)) {
            const auto colour = colour_for(piece.front());
            line_is_coloured_ = !colour.empty();
            result += colour;
        }
        const auto end = piece.find('\n');
        result += piece.substr(0, end);
        if (end == std::string_view::npos) break;
        if (line_is_coloured_) result += plain;
        result += '\n';
        at_line_start_ = true;
        piece.remove_prefix(end + 1);
    }
    return result;
}

Expected<void> write_text_diff(const DiffSide& left, const DiffSide& right, Colours colours,
                               const TextSink& sink) {
    // -L and -a: the spellings that both GNU's and busybox' diff understand.
    const std::vector<std::string> argv{
        "diff", "-u", "-a", "-L", left.label, "-L", right.label, path_of(left.file), path_of(right.file)};
    DiffColours colouring;
    const auto status = TRY(run_child_streaming(argv, time_limit, [&](std::string_view piece) {
        return colours == Colours::yes ? sink(colouring.coloured(piece)) : sink(piece);
    }));
    constexpr int trouble = 2;  // 0: no difference, 1: some
    if (status >= trouble)
        return fail(ErrorKind::internal, "diff failed (exit status " + std::to_string(status) + ") for " +
                                             left.label + " and " + right.label);
    return {};
}

}  // namespace mox::snapshots
