#pragma once

#include <string>
#include <utility>

#include "base/error.hpp"
#include "cli/command_parser.hpp"
#include "cli/command_table.hpp"
#include "cli/schnapps/commands.hpp"

namespace mox::cli::schnapps {

/// A command in the table of schnapps. Each is defined in the file of the command (cmd_*.cpp), and named in
/// command_line.cpp.
struct Entry {
    CommandEntry line;
    /// The command that the words mean. Precondition: their number is that of `line`. Errors: the message for
    /// a wrong command line.
    Expected<Command> (*make)(const Parsed& parsed) = nullptr;
};

extern const Entry create_command;
extern const Entry modify_command;
extern const Entry delete_command;
extern const Entry cleanup_command;
extern const Entry list_command;
extern const Entry cmp_command;
extern const Entry diff_command;
extern const Entry mount_command;
extern const Entry unmount_command;
extern const Entry quota_command;
extern const Entry factory_version_command;
extern const Entry rollback_command;
extern const Entry savepoint_command;
extern const Entry commit_command;
extern const Entry export_command;
extern const Entry import_command;
extern const Entry update_factory_command;
extern const Entry version_command;

// Words that have a meaning. Errors: `wrong_usage`.

[[nodiscard]] Expected<snapshots::Number> number_in(const std::string& word);
[[nodiscard]] Expected<snapshots::Target> target_in(const std::string& word);
[[nodiscard]] Expected<snapshots::SnapshotType> type_in(const std::string& word);

/// The option `--keys` of commands that verify.
inline constexpr OptionEntry keys_option{
    .names = "--keys", .value = "DIRECTORY", .help = "trusted public keys, by default /etc/mox-rescue/keys"};
[[nodiscard]] std::filesystem::path keys_of(const Parsed& parsed);

/// "1 snapshot", "3 snapshots".
[[nodiscard]] std::string snapshots_text(std::size_t count);

}  // namespace mox::cli::schnapps
