// `schnapps cleanup`: deletes snapshots above the limits, and, with --compare, snapshots without changes.

#include <fcntl.h>

#include <functional>
#include <utility>

#include "base/unique_fd.hpp"
#include "cli/schnapps/commands.hpp"
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

}  // namespace

Expected<std::string> run(const Cleanup& command, Session& session) {
    auto configuration = TRY(session.configuration());
    const auto on_result = [&session](const CleanupResult& result) {
        if (result.kept_because.empty())
            session.print("snapshot " + to_text(result.snapshot.number) + " deleted");
        else
            session.print("kept: " + result.kept_because);
    };
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto results = TRY(snapshots::clean_up(writer, configuration.keep, on_result));
        if (command.compare) TRY(delete_unchanged(writer, results, on_result));
        if (results.empty()) session.print("nothing to clean up");
        return session.json() ? cleanup_json(results) : std::string();
    });
}

}  // namespace mox::cli::schnapps
