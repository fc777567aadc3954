// `schnapps list`, `quota` and `factory-version`.

#include <fcntl.h>

#include <utility>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "cli/schnapps/commands.hpp"
#include "cli/schnapps/json.hpp"
#include "cli/schnapps/table.hpp"
#include "snapshots/configuration.hpp"
#include "snapshots/description.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/quota.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Purpose;
using snapshots::QuotaState;

/// Limit of the size of etc/turris-version, whose content is "7.2.3".
constexpr Bytes longest_version{4096};

std::string name_of(QuotaState state) {
    switch (state) {
        case QuotaState::off:
            return "off";
        case QuotaState::counting:
            return "counting";
        case QuotaState::on:
            return "on";
    }
    return "off";
}

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

}  // namespace

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
            return table_of(list, sizes);
        case ListFormat::csv:
            return csv_of(list, sizes);
        case ListFormat::json:
            return parsed_list_json(list, sizes);
    }
    return table_of(list, sizes);
}

Expected<std::string> run(const Quota& command, Session& session) {
    const bool is_query = command.what == Quota::What::status;
    auto top = TRY(session.open(is_query ? Purpose::read : Purpose::change));
    if (!is_query) {
        auto writer = TRY(session.begin(top));
        const auto to =
            command.what == Quota::What::on ? snapshots::QuotaSwitch::on : snapshots::QuotaSwitch::off;
        TRY(snapshots::switch_quota(top, to));
    }
    auto state = TRY(snapshots::quota_state(top));
    if (session.json()) return json_of({{"quota", name_of(state)}});
    return name_of(state) + "\n";
}

Expected<std::string> run(const FactoryVersion&, Session& session) {
    auto top = TRY(session.open(Purpose::read));
    TRY(snapshots::require_usable(top, snapshots::Factory{}));
    const auto path = std::string(snapshots::factory_name) + "/etc/turris-version";
    const UniqueFd file(
        ::openat(top.directory(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        return fail_errno(ErrorKind::snapshot, "the version of the factory image cannot be read: " + path);
    auto text = TRY(read_to_end(file.get(), path, ErrorKind::snapshot, longest_version));
    const auto version = snapshots::escaped_for_display(text.substr(0, text.find('\n')));
    if (session.json()) return json_of({{"version", version}});
    return version + "\n";
}

}  // namespace mox::cli::schnapps
