// `schnapps quota`.

#include <array>

#include "cli/schnapps/entry.hpp"
#include "cli/schnapps/json.hpp"
#include "snapshots/quota.hpp"

namespace mox::cli::schnapps {

namespace {

using snapshots::Purpose;
using snapshots::QuotaState;

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

Expected<Command> make(const Parsed& parsed) {
    const auto& word = parsed.words.front();
    if (word == "on") return Quota{Quota::What::on};
    if (word == "off") return Quota{Quota::What::off};
    if (word == "status") return Quota{Quota::What::status};
    static constexpr std::array<std::string_view, 3> known{"on", "off", "status"};
    return wrong_usage("quota is on, off or status, not \"" + word + "\"" + did_you_mean(word, known));
}

}  // namespace

const Entry quota_command{
    {.name = "quota", .words = "on|off|status", .help = "show or switch the counting of space"}, &make};

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

}  // namespace mox::cli::schnapps
