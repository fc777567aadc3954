// What callers in the field rely on (the web interface reForis, updater hooks, scripts), each as they do it,
// and the rules of rollback without a number and of `cleanup --compare` through the program on a real btrfs,
// against a model that was written from their description alone. MOX_SEED=N repeats a run, MOX_SOAK_SECONDS=N
// makes it longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "support/seeds.hpp"
#include "support/snapshot_model.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

class SchnappsCallers : public testing::Test {
protected:
    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    /// As a script has it: `$0` is the program, `$1` the card.
    Said shell(const std::string& script) const {
        return run_apart({"sh", "-c", script, SCHNAPPS_PROGRAM, card_.node().native()});
    }

    SnapshotsCard card_;
};

/// reForis checks the answer against a schema: these five keys and no other, an integer and four texts.
TEST_F(SchnappsCallers, TheWebInterfaceUnderstandsTheList) {
    ASSERT_EQ(run({"create", "-t", "single", "first, with a comma"}).status, 0);
    ASSERT_EQ(run({"create", "-t", "pre"}).status, 0);
    write_file(card_.outside("list"), run({"list", "-j"}).out);
    const std::string script =
        "import json,sys\n"
        "data = json.load(open(sys.argv[1]))\n"
        "assert list(data) == ['snapshots'], data\n"
        "for one in data['snapshots']:\n"
        "    assert sorted(one) == ['created', 'description', 'number', 'size', 'type'], one\n"
        "    assert type(one['number']) is int, one\n"
        "    assert all(type(one[k]) is str for k in one if k != 'number'), one\n"
        "print(len(data['snapshots']), data['snapshots'][0]['description'], data['snapshots'][1]['type'])\n";
    const auto said = run_apart({"python3", "-c", script, card_.outside("list")});
    EXPECT_EQ(said.out, "2 first, with a comma pre\n") << testing::PrintToString(said);
}

TEST_F(SchnappsCallers, TheWebInterfaceFindsTheNumberOfANewSnapshot) {
    const auto said = run({"create", "-t", "single", "from the web"});
    std::smatch match;
    EXPECT_TRUE(std::regex_search(said.out, match, std::regex("^Snapshot number (\\d+) created"),
                                  std::regex_constants::match_continuous))
        << said.out;
    EXPECT_EQ(match.str(1), "1");
}

TEST_F(SchnappsCallers, DeleteAndRollbackTellByTheirExitStatus) {
    ASSERT_EQ(run({"create"}).status, 0);
    EXPECT_EQ(run({"rollback", "1"}).status, 0);
    EXPECT_EQ(run({"rollback", "factory"}).status, 0);
    EXPECT_EQ(run({"delete", "1"}).status, 0);
    EXPECT_NE(run({"delete", "1"}).status, 0);
    EXPECT_NE(run({"rollback", "1"}).status, 0);
    must(storage::delete_subvolume(card_.top().directory(), "@factory"));
    EXPECT_NE(run({"rollback", "factory"}).status, 0);
}

TEST_F(SchnappsCallers, UpdaterHooksAndScriptsGetWhatTheyCut) {
    EXPECT_EQ(
        shell("\"$0\" -d \"$1\" create -t pre 'Automatic pre-update snapshot (Turris OS 7.2 - hbs)'").status,
        0);
    EXPECT_EQ(shell("\"$0\" -d \"$1\" create -t post 'Automatic post-update snapshot (Turris OS 7.2 - hbs)'")
                  .status,
              0);
    EXPECT_TRUE(read_file(card_ / "1.info").contains("Automatic pre-update snapshot (Turris OS 7.2 - hbs)"));
    EXPECT_EQ(shell("N=$(\"$0\" -d \"$1\" create -n); echo \"[$N]\"").out, "[3]\n");
    EXPECT_EQ(shell("\"$0\" -d \"$1\" list | awk 'NR > 2 { print $1 }'").out, "1\n2\n3\n");
    EXPECT_EQ(shell("\"$0\" -d \"$1\" list | sed -n 2p | tr -d '+-'").out, "\n");
    const auto header = shell("\"$0\" -d \"$1\" list | head -n 1").out;
    EXPECT_EQ(header, "   # | Type      | Size        | Date                      | Description\n");
    EXPECT_EQ(shell("\"$0\" -d \"$1\" list -c | head -n 1").out, "#,type,size,date,description\n");
    EXPECT_EQ(run({"create", "one, two"}).status, 0);
    EXPECT_TRUE(run({"list", "-c"}).out.contains(",\"one, two\"\n")) << run({"list", "-c"}).out;
}

TEST_F(SchnappsCallers, ScriptsCutTheVersionOfTheFactoryImage) {
    must(storage::snapshot_subvolume(card_.top().directory(), "@factory", "next", storage::Access::writable));
    write_file(card_ / "next/etc/turris-version", "7.2.3\n");
    must(storage::exchange(card_.top().directory(), "@factory", "next"));
    EXPECT_EQ(shell("\"$0\" -d \"$1\" factory-version | cut -f 1,2 -d .").out, "7.2\n");
}

TEST_F(SchnappsCallers, CmpPrintsItsMarksAfterALegend) {
    write_file(card_ / "@/etc/gone", "x");
    ASSERT_EQ(run({"create"}).status, 0);
    fs::remove(card_ / "@/etc/gone");
    write_file(card_ / "@/etc/new", "x");
    card_.set_version("other");
    EXPECT_EQ(shell("\"$0\" -d \"$1\" cmp | grep '^ [-+~] /'").out,
              " - /etc/gone\n + /etc/new\n ~ /etc/version\n");
}

// ---- The rules, against the model.

class SchnappsRules : public SchnappsCallers {
protected:
    /// The same history on the card. Contents are versions; those of neighbours may be the same.
    void lay_out(const std::vector<ModelSnapshot>& history, bool with_factory) {
        const int top = card_.top().directory();
        for (const auto& one : must(snapshots::list_snapshots(card_.top()))) {
            must(storage::delete_subvolume(top, snapshots::subvolume_of(one.number)));
            fs::remove(card_ / snapshots::info_file_of(one.number));
        }
        for (const auto& one : history) {
            card_.set_version(one.content);
            const auto number = std::to_string(one.number);
            must(storage::snapshot_subvolume(top, "@", "@" + number, storage::Access::read_only));
            if (one.type == "single" && one.number % 2 == 0) continue;  // a missing info file means that
            write_file(
                card_ / (number + ".info"),
                "TYPE=\"" + one.type + "\"\n" + (one.roll_to.empty() ? "" : "ROLL_TO=" + one.roll_to + "\n"));
        }
        card_.set_version("now");
        const bool has_factory = fs::exists(card_ / "@factory");
        if (has_factory && !with_factory) fs::rename(card_ / "@factory", card_ / "put-away");
        if (!has_factory && with_factory) fs::rename(card_ / "put-away", card_ / "@factory");
    }

    static std::uint32_t below(std::mt19937_64& random, std::uint32_t sides) {
        return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(random);
    }

    static std::vector<ModelSnapshot> random_history(std::mt19937_64& random) {
        std::vector<ModelSnapshot> history;
        std::uint32_t number = 0;
        for (auto left = below(random, 8); left > 0; --left) {
            number += below(random, 4) == 0 ? 2 + below(random, 3) : 1;
            ModelSnapshot one{.number = number};
            one.type = below(random, 3) == 0 ? "rollback" : std::string(model_types.at(below(random, 4)));
            if (one.type == "rollback" && below(random, 5) != 0)
                one.roll_to = std::to_string(1 + below(random, number));
            if (one.type == "rollback" && below(random, 8) == 0) one.roll_to = "factory";
            one.content = history.empty() || below(random, 2) == 0 ? "v" + std::to_string(number)
                                                                   : history.back().content;
            history.push_back(std::move(one));
        }
        return history;
    }

    void step_back_until_the_end(std::vector<ModelSnapshot> history, bool with_factory) {
        std::string now = "now";
        for (;;) {
            const auto target = model_step_back(history);
            const auto said = run({"rollback"});
            if (target == "factory" && !with_factory) {
                EXPECT_EQ(said.status, 4) << testing::PrintToString(said);
                return;
            }
            ASSERT_EQ(said.status, 0) << testing::PrintToString(said);
            std::string content = "factory";
            for (const auto& one : history)
                if (std::to_string(one.number) == target) content = one.content;
            ASSERT_EQ(card_.version("@"), content) << "to " << target << "\n" << said.err;
            const auto saved = history.empty() ? 1 : history.back().number + 1;
            ASSERT_EQ(card_.version("@" + std::to_string(saved)), now);
            history.push_back({.number = saved, .type = "rollback", .roll_to = target, .content = now});
            now = content;
            if (target == "factory") return;
        }
    }
};

TEST_F(SchnappsRules, RollbackAndCleanupFollowThemOnRandomHistories) {
    const auto seed = test_seed();
    const SoakClock clock(std::chrono::seconds(15));
    std::mt19937_64 random(seed);
    int histories = 0;
    for (; !clock.is_over() && !HasFailure(); ++histories) {
        const auto history = random_history(random);
        const bool with_factory = below(random, 4) != 0;
        SCOPED_TRACE(testing::Message() << "history " << histories << " of seed " << seed);
        lay_out(history, with_factory);
        if (below(random, 3) != 0) {
            step_back_until_the_end(history, with_factory);
            continue;
        }
        write_file(card_ / "@/etc/config/schnapps",
                   "config keep 'keep'\n\toption max_time '-1'\n\toption max_updater '-1'\n\toption "
                   "max_rollback '-1'\n");
        ASSERT_EQ(run({"cleanup", "--compare"}).status, 0);
        fs::remove(card_ / "@/etc/config/schnapps");
        std::string expected;
        const auto deleted = model_compare_cleanup(history);
        for (const auto& one : history)
            if (std::ranges::find(deleted, one.number) == deleted.end())
                expected += (expected.empty() ? "" : " ") + std::to_string(one.number);
        ASSERT_EQ(card_.numbers(), expected);
    }
    std::cout << histories << " histories\n";
    EXPECT_GT(histories, 0);
}

}  // namespace
}  // namespace mox::test_support
