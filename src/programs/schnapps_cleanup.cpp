// `schnapps cleanup`: what the limits do not keep, and, with --compare, snapshots in which nothing changed.

#include <fcntl.h>

#include <optional>
#include <utility>

#include "base/unique_fd.hpp"
#include "programs/schnapps_commands.hpp"
#include "programs/schnapps_json.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/listing.hpp"

namespace mox::programs::schnapps {

namespace {

using snapshots::CleanupResult;
using snapshots::Snapshot;
using snapshots::SnapshotType;
using snapshots::Writer;

/// What a person made on purpose, or waits for `commit`, is not deleted for being the same as another one.
bool was_made_by_itself(const Snapshot& snapshot) {
    return snapshot.type != SnapshotType::single && snapshot.type != SnapshotType::save;
}

Expected<UniqueFd> open_snapshot(const Writer& writer, const Snapshot& snapshot) {
    const auto name = subvolume_of(snapshot.number);
    UniqueFd root(
        ::openat(writer.directory(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root) return fail_errno(ErrorKind::card, name);
    return root;
}

Expected<bool> are_the_same(const Writer& writer, const Snapshot& left, const Snapshot& right) {
    auto left_root = open_snapshot(writer, left);
    if (!left_root) return pass_on(left_root);
    auto right_root = open_snapshot(writer, right);
    if (!right_root) return pass_on(right_root);
    auto comparison = snapshots::compare(left_root->get(), right_root->get());
    if (!comparison) return pass_on(comparison);
    return comparison->changes.empty();
}

using Told = std::function<void(const CleanupResult&)>;

/// Deletes each snapshot that is the same as the one before it.
Expected<void> delete_unchanged(const Writer& writer, std::vector<CleanupResult>& results, const Told& told) {
    auto list = snapshots::list_snapshots(writer.top());
    if (!list) return pass_on(list);
    const Snapshot* before = nullptr;
    for (const auto& snapshot : *list) {
        if (!snapshot.usable()) continue;
        bool is_same = false;
        if (before != nullptr && was_made_by_itself(snapshot)) {
            auto same = are_the_same(writer, *before, snapshot);
            if (!same) return pass_on(same);
            is_same = *same;
        }
        if (!is_same) {
            before = &snapshot;
            continue;
        }
        auto reason = snapshots::why_not_cleaned_up(writer.top(), snapshot.number);
        if (!reason) return pass_on(reason);
        if (reason->empty())
            if (auto deleted = snapshots::delete_snapshot(writer, snapshot.number); !deleted)
                *reason = deleted.error().describe();
        results.push_back({snapshot, std::move(*reason)});
        told(results.back());
    }
    return {};
}

}  // namespace

Expected<std::string> run(const Cleanup& command, Session& session) {
    auto configuration = session.configuration();
    if (!configuration) return pass_on(configuration);
    const auto told = [&session](const CleanupResult& result) {
        if (result.kept_because.empty())
            session.say("snapshot " + to_text(result.snapshot.number) + " deleted");
        else
            session.say("kept: " + result.kept_because);
    };
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto results = snapshots::clean_up(writer, configuration->keep, told);
        if (!results) return pass_on(results);
        if (command.compare)
            if (auto done = delete_unchanged(writer, *results, told); !done) return pass_on(done);
        if (results->empty()) session.say("nothing to clean up");
        return session.json() ? cleanup_json(*results) : std::string();
    });
}

}  // namespace mox::programs::schnapps
