// `schnapps cleanup`: deletes snapshots above the limits, and, with --compare, snapshots without changes.

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/unique_fd.hpp"
#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/cleanup_policy.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::CleanupResult;
using snapshots::Snapshot;
using snapshots::Writer;

Expected<UniqueFd> open_snapshot(const Writer& writer, const Snapshot& snapshot) {
    const auto name = subvolume_of(snapshot.number);
    UniqueFd root(
        ::openat(writer.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return fail_errno(ErrorKind::card, name);
    return root;
}

Expected<bool> are_the_same(const Writer& writer, const Snapshot& left, const Snapshot& right) {
    auto left_root = TRY(open_snapshot(writer, left));
    auto right_root = TRY(open_snapshot(writer, right));
    auto comparison = TRY(snapshots::compare(left_root.get(), right_root.get()));
    return comparison.changes.empty();
}

using OnResult = std::function<void(const CleanupResult&)>;

Expected<void> delete_unchanged(const Writer& writer, std::vector<CleanupResult>& results,
                                const OnResult& on_result) {
    auto list = TRY(snapshots::list_snapshots(writer.top()));
    auto unchanged =
        TRY(snapshots::unchanged_snapshots(list, [&writer](const Snapshot& older, const Snapshot& newer) {
            return are_the_same(writer, older, newer);
        }));
    for (const auto number : unchanged) {
        auto snapshot = TRY(snapshots::find_snapshot(writer.top(), number));
        auto reason = TRY(snapshots::reason_to_keep(writer.top(), number));
        if (reason.empty())
            if (auto deleted = snapshots::delete_snapshot(writer, number); !deleted)
                reason = deleted.error().describe();
        results.push_back({std::move(snapshot), std::move(reason)});
        on_result(results.back());
    }
    return {};
}

constexpr std::array options{
    OptionEntry{.names = "-c,--compare", .help = "delete those that are the same as the next one, too"},
    OptionEntry{.names = "--dry-run", .help = "only print what would be deleted"},
};

Expected<Command> make(const Parsed& parsed) {
    return Cleanup{.compare = parsed.has("--compare"), .dry_run = parsed.has("--dry-run")};
}

/// What `clean_up` and `delete_unchanged` would do. Comparisons leave out what the limits would delete
/// before.
Expected<std::vector<CleanupResult>> find_superfluous(const Writer& writer,
                                                      const snapshots::KeepLimits& limits, bool compare) {
    auto list = TRY(snapshots::list_snapshots(writer.top()));
    std::vector<CleanupResult> results;
    const auto add = [&](snapshots::Number number) -> Expected<void> {
        auto reason = TRY(snapshots::reason_to_keep(writer.top(), number));
        auto snapshot = TRY(snapshots::find_snapshot(writer.top(), number));
        results.push_back({std::move(snapshot), std::move(reason)});
        return {};
    };
    for (const auto number : snapshots::superfluous_snapshots(list, limits)) TRY(add(number));
    if (!compare) return results;
    std::erase_if(list, [&results](const Snapshot& snapshot) {
        return std::ranges::any_of(results, [&](const CleanupResult& result) {
            return result.snapshot.number == snapshot.number && result.kept_because.empty();
        });
    });
    const auto unchanged =
        TRY(snapshots::unchanged_snapshots(list, [&writer](const Snapshot& older, const Snapshot& newer) {
            return are_the_same(writer, older, newer);
        }));
    for (const auto number : unchanged) TRY(add(number));
    return results;
}

Expected<std::vector<CleanupResult>> clean_up(const Writer& writer, const snapshots::KeepLimits& limits,
                                              bool compare, const OnResult& on_result) {
    auto results = TRY(snapshots::clean_up(writer, limits, on_result));
    if (compare) TRY(delete_unchanged(writer, results, on_result));
    return results;
}

}  // namespace

const Entry cleanup_command{
    {.name = "cleanup", .help = "delete snapshots that the configuration does not keep", .options = options},
    &make};

Expected<std::string> run(const Cleanup& command, Session& session) {
    auto configuration = TRY(session.configuration());
    const std::string deleted = command.dry_run ? " would be deleted" : " deleted";
    const auto on_result = [&](const CleanupResult& result) {
        if (result.kept_because.empty())
            session.print("snapshot " + to_text(result.snapshot.number) + deleted);
        else
            session.print("kept: " + result.kept_because);
    };
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        session.warn_if_not_current(writer.top());
        std::vector<CleanupResult> results;
        if (command.dry_run) {
            results = TRY(find_superfluous(writer, configuration.keep, command.compare));
            for (const auto& result : results) on_result(result);
        } else {
            results = TRY(clean_up(writer, configuration.keep, command.compare, on_result));
        }
        const auto number = std::ranges::count_if(
            results, [](const CleanupResult& result) { return result.kept_because.empty(); });
        if (results.empty()) session.print("nothing to clean up");
        if (number > 0) session.print(snapshots_text(static_cast<std::size_t>(number)) + deleted);
        return session.json() ? cleanup_json(results) : std::string();
    });
}

}  // namespace mox::cli::schnapps
