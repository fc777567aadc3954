// `schnapps create`.

#include <array>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/changes.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr std::array options{
    OptionEntry{.names = "-n,--number", .help = "print the number alone"},
    OptionEntry{.names = "-t,--type", .value = "TYPE", .help = "type of the snapshot, single by default"},
};

Expected<Command> make(const Parsed& parsed) {
    Create create{.number_only = parsed.has("--number")};
    if (const auto type = parsed.value("--type")) create.type = TRY(type_in(*type));
    std::string description;
    for (const auto& word : parsed.words) description += (description.empty() ? "" : " ") + word;
    if (!parsed.words.empty()) create.description = std::move(description);
    return create;
}

}  // namespace

const Entry create_command{{.name = "create",
                            .words = "[DESCRIPTION...]",
                            .help = "make a snapshot of the current system",
                            .options = options},
                           &make};

Expected<std::string> run(const Create& command, Session& session) {
    return session.change([&](const snapshots::Writer& writer) -> Expected<std::string> {
        TRY(session.require_current(writer.top()));
        auto snapshot = TRY(snapshots::create_snapshot(writer, command.type, command.description));
        if (session.json()) return snapshot_json(snapshot);
        const auto number = to_text(snapshot.number);
        return command.number_only ? number + "\n" : "Snapshot number " + number + " created\n";
    });
}

}  // namespace mox::cli::schnapps
