// `schnapps rollback`.

#include <cstdint>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/root_mounts.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Target;
using snapshots::Writer;

Expected<Target> chosen(const Rollback& command, const Writer& writer) {
    if (command.target) return *command.target;
    auto list = TRY(snapshots::list_targets(writer.top()));
    return snapshots::one_step_back(list);
}

Expected<Command> make(const Parsed& parsed) {
    Rollback rollback;
    if (!parsed.words.empty()) rollback.target = TRY(target_in(parsed.words.front()));
    return rollback;
}

}  // namespace

const Entry rollback_command{{.name = "rollback",
                              .words = "[N|factory]",
                              .help = "go back to a snapshot, one step back without a number"},
                             &make};

Expected<std::string> run(const Rollback& command, Session& session) {
    return session.change([&](const Writer& writer) -> Expected<std::string> {
        session.warn_if_not_current(writer.top());
        auto target = TRY(chosen(command, writer));
        auto result = TRY(snapshots::roll_back(writer, target, session.hooks(),
                                               [&](const std::string& line) { session.print(line); }));
        const auto name = to_text(result.target);
        if (result.saved_as)
            session.print("current state saved as snapshot number " + to_text(*result.saved_as));
        if (!result.postponed.empty())
            session.print("the current state is kept, but is not a snapshot yet: " + result.postponed);
        const bool numbered = std::holds_alternative<snapshots::Number>(result.target);
        session.print("rolled back to " + (numbered ? "snapshot " + name : name) +
                      "; it takes effect at the next boot");
        for (const auto& line : snapshots::lines_about_nested(result)) session.print(line);
        const auto mounts = snapshots::renew_root_mounts(writer.top(), result);
        for (const auto& line : mounts.lines) session.print(line);
        if (!session.json()) return std::string();
        JsonField saved{"saved_as", {}};
        if (result.saved_as) saved.value = std::int64_t{result.saved_as->value};
        return json_of({{"rolled_back_to", name},
                        saved,
                        {"left_behind", result.left_behind},
                        {"mounted_again", mounts.renewed},
                        {"old_state_mounted_on", mounts.old_state}});
    });
}

}  // namespace mox::cli::schnapps
