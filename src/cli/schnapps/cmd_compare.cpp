// `schnapps cmp` and `diff`: the changes between two states.

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/description.hpp"
#include "snapshots/diff.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Change;
using snapshots::ChangeKind;
using snapshots::TopLevel;

constexpr std::string_view legend = "- only in the first, + only in the second, ~ in both, but different\n";

struct OpenSide {
    std::string name;  ///< "@3", "@factory", "@"
    UniqueFd root;
};

/// The newest usable snapshot.
Expected<std::string> newest_snapshot(const TopLevel& top) {
    auto list = TRY(snapshots::list_snapshots(top));
    for (auto snapshot = list.rbegin(); snapshot != list.rend(); ++snapshot)
        if (snapshot->usable()) return subvolume_of(snapshot->number);
    return fail(ErrorKind::snapshot, "there is no snapshot to compare with; there are " +
                                         what_exists(list, snapshots::has_factory(top)));
}

Expected<std::string> name_of(const TopLevel& top, const Side& side) {
    if (std::holds_alternative<NewestSnapshot>(side)) return newest_snapshot(top);
    if (std::holds_alternative<CurrentSystem>(side)) return std::string(snapshots::root_name);
    const auto& target = std::get<snapshots::Target>(side);
    TRY(snapshots::require_usable(top, target));
    return subvolume_of(target);
}

Expected<OpenSide> open_side(const TopLevel& top, const Side& side) {
    auto name = TRY(name_of(top, side));
    UniqueFd root(::openat(top.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return fail_errno(ErrorKind::snapshot, name);
    return OpenSide{std::move(name), std::move(root)};
}

/// Both sides, open, and their differences.
struct Compared {
    TopLevel top;
    OpenSide left;
    OpenSide right;
    snapshots::Comparison comparison;
};

Expected<Compared> compare_sides(const ComparisonRange& sides, const Session& session) {
    auto top = TRY(session.open(snapshots::Purpose::read));
    auto left = TRY(open_side(top, sides.left));
    auto right = TRY(open_side(top, sides.right));
    if (std::holds_alternative<CurrentSystem>(sides.left) ||
        std::holds_alternative<CurrentSystem>(sides.right))
        session.warn_if_not_current(top);
    session.print("comparing " + left.name + " with " + right.name);
    auto comparison = TRY(snapshots::compare(left.root.get(), right.root.get(), sides.path));
    return Compared{std::move(top), std::move(left), std::move(right), std::move(comparison)};
}

std::string_view mark_of(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::removed:
            return " - ";
        case ChangeKind::added:
            return " + ";
        case ChangeKind::changed:
            return " ~ ";
    }
    return " ~ ";
}

std::string line_of(const Change& change) {
    return std::string(mark_of(change.kind)) + "/" + snapshots::escaped_for_display(change.path) + "\n";
}

Expected<void> write_out(std::string_view text) {
    return write_all(STDOUT_FILENO, text, "standard output", ErrorKind::internal);
}

std::optional<Side> side_in(const std::string& word) {
    if (word == snapshots::root_name || word == "current") return CurrentSystem{};
    if (const auto target = snapshots::target_named(word)) return *target;
    return std::nullopt;
}

/// "[A] [B] [PATH]"; a path that reads like a number can be written "./5" or "/5".
Expected<ComparisonRange> range_in(const std::vector<std::string>& words) {
    ComparisonRange range;
    auto word = words.begin();
    if (word != words.end())
        if (const auto left = side_in(*word)) {
            range.left = *left;
            ++word;
        }
    if (word != words.begin() && word != words.end())
        if (const auto right = side_in(*word)) {
            range.right = *right;
            ++word;
        }
    if (word != words.end()) range.path = TRY(path_in(*word++, "path"));
    if (word != words.end())
        return wrong_usage("\"" + *word + "\" is one word too many; the numbers come before the path");
    while (range.path.starts_with('/')) range.path.erase(0, 1);
    return range;
}

Expected<Command> make_compare(const Parsed& parsed) {
    auto range = TRY(range_in(parsed.words));
    return Compare{std::move(range)};
}

Expected<Command> make_diff(const Parsed& parsed) {
    auto range = TRY(range_in(parsed.words));
    return Diff{std::move(range)};
}

}  // namespace

const Entry cmp_command{{.name = "cmp",
                         .words = "[A] [B] [PATH]",
                         .help = "list what changed from A (the newest snapshot) to B (now)"},
                        &make_compare};

const Entry diff_command{
    {.name = "diff", .words = "[A] [B] [PATH]", .help = "show what changed from A to B, as a diff"},
    &make_diff};

Expected<std::string> run(const Compare& command, Session& session) {
    auto compared = TRY(compare_sides(command.sides, session));
    if (session.json()) return comparison_json(compared.left.name, compared.right.name, compared.comparison);
    std::string text(legend);
    for (const auto& change : compared.comparison.changes) text += line_of(change);
    return text;
}

Expected<std::string> run(const Diff& command, Session& session) {
    auto compared = TRY(compare_sides(command.sides, session));
    const bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
    const snapshots::DiffOptions options{
        .left_name = compared.left.name,
        .right_name = compared.right.name,
        .colours = on_terminal && !session.json() ? snapshots::Colours::yes : snapshots::Colours::no,
    };
    std::string text;
    // In JSON the diff is one string, which is complete only at the end.
    const auto sink = [&](std::string_view part) -> Expected<void> {
        if (!session.json()) return write_out(part);
        text += part;
        return {};
    };
    TRY(snapshots::write_diff(compared.left.root.get(), compared.right.root.get(),
                              compared.comparison.changes, options, sink));
    if (!session.json()) return std::string();
    return json_of(
        {{"left", compared.left.name}, {"right", compared.right.name}, {"diff", Verbatim{std::move(text)}}});
}

}  // namespace mox::cli::schnapps
