#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "cli/schnapps/session.hpp"
#include "medkit/piece_compressor.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/savepoint.hpp"
#include "snapshots/snapshot.hpp"

namespace mox::cli::schnapps {

// The commands of `schnapps`. Each returns the text for standard output; the session prints messages to
// standard error. The kind of an Error is the exit status.

struct Create {
    snapshots::SnapshotType type = snapshots::SnapshotType::single;
    std::string description{snapshots::default_description};
    bool number_only = false;
};

enum class ListFormat {
    table,
    csv,
    json,  ///< the five keys that scripts parse; `--json` has more
};

struct List {
    ListFormat format = ListFormat::table;
};

struct Modify {
    snapshots::Number number;
    snapshots::Modification modification;
};

/// "1-3": the snapshots that exist among these numbers.
struct NumberRange {
    snapshots::Number first;
    snapshots::Number last;
};

/// Deletes either these numbers, or all snapshots of a type.
struct Delete {
    std::vector<snapshots::Number> numbers;
    std::vector<NumberRange> ranges;
    std::optional<snapshots::SnapshotType> type;
    snapshots::Nested nested = snapshots::Nested::refuse;
};

struct Cleanup {
    /// Also delete snapshots that are the same as the next one.
    bool compare = false;
    /// Only print what would be deleted.
    bool dry_run = false;
};

struct Rollback {
    std::optional<snapshots::Target> target;  ///< nullopt: one step back
};

/// What happens after the rollback to a savepoint.
enum class AfterRollback { reboot, stay };

struct Savepoint {
    std::chrono::minutes time = snapshots::default_savepoint_time;
    AfterRollback afterwards = AfterRollback::reboot;
};

/// Waits for the pending savepoint, and rolls back if it is not committed: the process that `savepoint`
/// starts, and that a boot script starts again (`savepoint --resume`).
struct ResumeSavepoint {
    AfterRollback afterwards = AfterRollback::reboot;
};

struct Commit {};

struct Mount {
    std::vector<snapshots::Target> targets;
};

struct Unmount {
    std::vector<snapshots::Target> targets;
};

/// One side of a comparison.
struct NewestSnapshot {};
struct CurrentSystem {};
using Side = std::variant<NewestSnapshot, CurrentSystem, snapshots::Target>;

/// Two states, and the path in them to compare (empty: everything).
struct ComparisonRange {
    Side left = NewestSnapshot{};
    Side right = CurrentSystem{};
    std::string path;
};

struct Compare {
    ComparisonRange sides;
};

struct Diff {
    ComparisonRange sides;
};

struct Quota {
    enum class What { status, on, off };
    What what = What::status;
};

struct FactoryVersion {};

struct Export {
    std::optional<snapshots::Number> number;  ///< nullopt: the current state
    std::string destination;                  ///< a directory, or "-" for standard output
    std::optional<std::filesystem::path> key;
    bool force = false;  ///< replace a backup of the same name
    medkit::CompressionLevel level{};
};

struct Import {
    std::filesystem::path file;
    std::filesystem::path keys;
    bool force = false;
};

/// `import -f`, as on routers in the field: a tarball, or its https:// address, becomes the factory image.
struct ImportFactory {
    std::string source;
    std::filesystem::path keys;
    bool force = false;
};

struct UpdateFactory {
    std::string source;
    std::filesystem::path keys;
};

/// A command for backups on servers, which the rescue image does not have (remote_commands.hpp).
struct RemoteCommand {
    std::function<Expected<std::string>(Session&)> work;
};

/// `help` and `version`.
struct ShowText {
    std::string text;
};

using Command = std::variant<ShowText, Create, List, Modify, Delete, Cleanup, Rollback, Savepoint,
                             ResumeSavepoint, Commit, Mount, Unmount, Compare, Diff, Quota, FactoryVersion,
                             Export, Import, ImportFactory, UpdateFactory, RemoteCommand>;

[[nodiscard]] Expected<std::string> run(const ShowText& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Create& command, Session& session);
[[nodiscard]] Expected<std::string> run(const List& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Modify& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Delete& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Cleanup& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Rollback& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Savepoint& command, Session& session);
[[nodiscard]] Expected<std::string> run(const ResumeSavepoint& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Commit& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Mount& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Unmount& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Compare& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Diff& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Quota& command, Session& session);
[[nodiscard]] Expected<std::string> run(const FactoryVersion& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Export& command, Session& session);
[[nodiscard]] Expected<std::string> run(const Import& command, Session& session);
[[nodiscard]] Expected<std::string> run(const ImportFactory& command, Session& session);
[[nodiscard]] Expected<std::string> run(const UpdateFactory& command, Session& session);
[[nodiscard]] Expected<std::string> run(const RemoteCommand& command, Session& session);

}  // namespace mox::cli::schnapps
