// `schnapps modify`.

#include <array>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/changes.hpp"

namespace mox::cli::schnapps {

namespace {

constexpr std::array options{
    OptionEntry{.names = "-t,--type", .value = "TYPE", .help = "new type"},
    OptionEntry{.names = "-d,--description", .value = "TEXT", .help = "new description"},
};

Expected<Command> make(const Parsed& parsed) {
    const auto number = TRY(number_in(parsed.words.front()));
    Modify modify{.number = number,
                  .modification = {.type = {}, .description = parsed.value("--description")}};
    if (const auto type = parsed.value("--type")) modify.modification.type = TRY(type_in(*type));
    if (!modify.modification.type && !modify.modification.description)
        return wrong_usage("nothing to change; use -t TYPE or -d TEXT");
    return modify;
}

}  // namespace

const Entry modify_command{{.name = "modify",
                            .words = "N",
                            .help = "change the type or description of a snapshot",
                            .options = options},
                           &make};

Expected<std::string> run(const Modify& command, Session& session) {
    return session.change([&](const snapshots::Writer& writer) -> Expected<std::string> {
        auto snapshot = TRY(snapshots::modify_snapshot(writer, command.number, command.modification));
        session.print("snapshot " + to_text(command.number) + " modified");
        return session.json() ? snapshot_json(snapshot) : std::string();
    });
}

}  // namespace mox::cli::schnapps
