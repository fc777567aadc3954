// `schnapps create`, `modify` and `delete`.

#include <optional>
#include <utility>

#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/listing.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Number;
using snapshots::Writer;

Expected<std::vector<Number>> numbers_of_type(const Writer& writer, snapshots::SnapshotType type) {
    auto list = TRY(snapshots::list_snapshots(writer.top()));
    std::vector<Number> numbers;
    for (const auto& snapshot : list)
        if (snapshot.usable() && snapshot.type == type) numbers.push_back(snapshot.number);
    return numbers;
}

/// A snapshot that cannot be deleted does not stop the deletion of the others: the last error is the result,
/// earlier ones are printed.
Expected<std::vector<std::int64_t>> delete_each(const Writer& writer, const std::vector<Number>& numbers,
                                                snapshots::Nested nested, const Session& session) {
    std::vector<std::int64_t> deleted;
    std::optional<Error> failure;
    for (const auto number : numbers) {
        if (auto done = snapshots::delete_snapshot(writer, number, nested); !done) {
            if (failure) session.print(failure->describe());
            failure = std::move(done).error();
            continue;
        }
        deleted.push_back(number.value);
        session.print("snapshot " + to_text(number) + " deleted");
    }
    if (failure) return std::unexpected(std::move(*failure));
    return deleted;
}

}  // namespace

Expected<std::string> run(const Create& command, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto snapshot = TRY(snapshots::create_snapshot(writer, command.type, command.description));
        if (session.json()) return snapshot_json(snapshot);
        const auto number = to_text(snapshot.number);
        return command.number_only ? number + "\n" : "Snapshot number " + number + " created\n";
    });
}

Expected<std::string> run(const Modify& command, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto snapshot = TRY(snapshots::modify_snapshot(writer, command.number, command.modification));
        session.print("snapshot " + to_text(command.number) + " modified");
        return session.json() ? snapshot_json(snapshot) : std::string();
    });
}

Expected<std::string> run(const Delete& command, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        auto numbers = command.numbers;
        if (command.type) {
            auto found = TRY(numbers_of_type(writer, *command.type));
            numbers = std::move(found);
            if (numbers.empty())
                session.print("there is no snapshot of type " + std::string(name_of(*command.type)));
        }
        auto deleted = TRY(delete_each(writer, numbers, command.nested, session));
        return session.json() ? json_of({{"deleted", std::move(deleted)}}) : std::string();
    });
}

}  // namespace mox::cli::schnapps
