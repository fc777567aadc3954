// `schnapps list`.

#include <array>
#include <utility>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/table.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/description.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/quota.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Purpose;
using snapshots::TopLevel;

void warn_about(const std::vector<snapshots::Snapshot>& list, const Session& session) {
    for (const auto& snapshot : list) {
        if (!snapshot.usable())
            session.print("warning: " + snapshots::escaped_for_display(snapshot.damage));
        else if (!snapshot.info_warning.empty())
            session.print("warning: " + snapshots::info_file_of(snapshot.number) + ": " +
                          snapshots::escaped_for_display(snapshot.info_warning));
    }
}

/// Where the system comes from, if the rescue system has installed it.
void print_origin(const snapshots::TopLevel& top, const Session& session) {
    const auto record = snapshots::installation_record(session.system_root(top));
    if (!record)
        session.print("warning: " + record.error().describe());
    else if (!record->empty())
        session.print("the system was " + *record);
}

constexpr std::array options{
    OptionEntry{.names = "-j", .help = "as JSON, with the keys that scripts use"},
    OptionEntry{.names = "-c,--csv", .help = "as comma separated values"},
};

Expected<Command> make(const Parsed& parsed) {
    const bool json = parsed.has("-j");
    const bool csv = parsed.has("--csv");
    if (json && csv) return wrong_usage("either -j or -c, not both");
    if (json) return List{ListFormat::json};
    return List{csv ? ListFormat::csv : ListFormat::table};
}

/// Scripts read the lines of the table, so the factory state is a message.
void print_factory(const TopLevel& top, const Session& session) {
    session.print(snapshots::has_factory(top)
                      ? "there is a factory state: schnapps rollback factory goes back to it"
                      : "there is no factory state: schnapps update-factory makes one");
}

}  // namespace

const Entry list_command{{.name = "list", .help = "list the snapshots", .options = options}, &make};

Expected<std::string> run(const List& command, Session& session) {
    auto top = TRY(session.open(Purpose::read));
    auto list = TRY(snapshots::list_snapshots(top));
    auto sizes = TRY(snapshots::snapshot_sizes(top));
    warn_about(list, session);
    // Scripts and the web interface use `-j`; `--json` prints all fields.
    if (session.json()) return full_list_json(list, sizes, snapshots::has_factory(top));
    switch (command.format) {
        case ListFormat::table:
            print_origin(top, session);
            print_factory(top, session);
            return table_of(list, sizes);
        case ListFormat::csv:
            return csv_of(list, sizes);
        case ListFormat::json:
            return parsed_list_json(list, sizes);
    }
    return table_of(list, sizes);
}

}  // namespace mox::cli::schnapps
