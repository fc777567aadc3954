// Create, delete and rollback, cut off after any request to the card: src/snapshots/changes.cpp,
// rollback.cpp.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "snapshots/changes.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/power_cut.hpp"
#include "support/temporary_directory.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {
namespace {

using namespace snapshots;

constexpr std::size_t random_cuts = 200;
constexpr std::size_t cuts_with_loss = 60;

/// MOX_SEED, or a new one.
std::uint64_t seed() {
    const char* given = std::getenv("MOX_SEED");
    return given != nullptr ? std::stoull(given) : std::random_device{}();
}

std::vector<Cut> plan_cuts(std::span<const LoggedWrite> log, std::mt19937_64& random) {
    auto cuts = cuts_at_flushes(log);
    for (auto& cut : cuts_at_random(log, random_cuts, random)) cuts.push_back(std::move(cut));
    for (auto& cut : cuts_with_lost_writes(log, cuts_with_loss, random)) cuts.push_back(std::move(cut));
    // Few requests have few prefixes: each card is looked at once.
    const auto key = [](const Cut& cut) { return std::tie(cut.durable, cut.end, cut.lost); };
    std::ranges::sort(cuts, {}, key);
    const auto again = std::ranges::unique(cuts, {}, key);
    cuts.erase(again.begin(), again.end());
    return cuts;
}

/// What a card holds, in one line: "@=now @1=one(single) ... ", and every name that is not part of it.
std::string what_is_on(const TopLevel& top, const std::map<std::string, std::string>& systems) {
    const auto system_in = [&](const std::string& subvolume) {
        const auto known = systems.find(describe_tree(top.path() / subvolume));
        return known == systems.end() ? std::string("INCOMPLETE") : known->second;
    };
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(top.path() / ""))
        names.push_back(entry.path().filename());
    std::string text;
    const auto add = [&](const std::string& subvolume, const std::string& what) {
        text += subvolume + "=" + what + " ";
        std::erase(names, subvolume);
    };
    if (storage::is_subvolume(top.directory(), "@")) add("@", system_in("@"));
    if (has_factory(top)) add("@factory", system_in("@factory"));
    for (const auto& one : must(list_snapshots(top))) {
        const auto name = subvolume_of(one.number);
        const auto to = one.roll_to ? " to " + to_text(*one.roll_to) : std::string();
        add(name, system_in(name) + "(" + std::string(name_of(one.type)) + to + ")");
        if (std::erase(names, info_file_of(one.number)) == 0) text += "WITHOUT INFO FILE ";
    }
    for (const auto& name : names) text += "and " + name + " ";
    text.pop_back();
    return text;
}

class PowerCutInSnapshots : public ::testing::Test {
protected:
    PowerCutInSnapshots() : card_(folder_ / "card.img") {
        LoopImage loop(card_, Bytes{256ULL << 20});
        format(loop.node(), "btrfs");
        {
            const auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
            must(storage::create_subvolume(top.directory(), "@"));
            install(top, "factory");
            must(storage::snapshot_subvolume(top.directory(), "@", "@factory", storage::Access::read_only));
            const auto writer = must(Writer::begin(top));
            for (const char* version : {"one", "two"}) {
                install(top, version);
                must(create_snapshot(writer, SnapshotType::single, version));
            }
            install(top, "now");
            must(storage::sync_filesystem(top.directory()));
        }
        loop.detach();
    }

    void install(const TopLevel& top, const std::string& version) {
        for (int i = 0; i < 40; ++i)
            write_file(top.path() / ("@/etc/file" + std::to_string(i)),
                       version + std::string(static_cast<std::size_t>(i) * 97, '.'));
        systems_[describe_tree(top.path() / "@")] = version;
    }

    /// Records `change`, and looks at the card at every cut: as the next boot finds it, and after the next
    /// writer. `roots`: what may boot. `allowed`: what may be there in the end.
    void expect(const std::function<void(const Writer&)>& change, const std::vector<std::string>& roots,
                const std::vector<std::string>& allowed) {
        RecordedCard recording(card_, folder_.path(), [&](const std::filesystem::path& node) {
            const auto top = must(TopLevel::on_device(node, Purpose::change));
            change(must(Writer::begin(top)));
        });
        const auto used_seed = seed();
        std::mt19937_64 random(used_seed);
        std::map<std::string, int> seen;
        const auto copy = folder_ / "cut.img";
        for (const auto& cut : plan_cuts(recording.log(), random)) {
            SCOPED_TRACE("power cut at " + to_text(cut, recording.log().size()) +
                         ", MOX_SEED=" + std::to_string(used_seed));
            recording.write_card_at(cut, copy);
            const LoopImage loop(copy);
            const auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
            const auto boots = what_is_on(top, systems_);
            EXPECT_TRUE(std::ranges::any_of(roots, [&](const auto& root) {
                return boots.starts_with("@=" + root + " ");
            })) << boots;
            must(Writer::begin(top));
            const auto finally = what_is_on(top, systems_);
            EXPECT_NE(std::ranges::find(allowed, finally), allowed.end()) << finally << "\nfrom " << boots;
            ASSERT_FALSE(HasFailure()) << "one is enough";
            ++seen[boots + "  ->  " + finally];
        }
        std::cout << recording.log().size() << " requests to the card\n";
        for (const auto& [what, times] : seen) std::cout << times << " x " << what << "\n";
    }

    TemporaryDirectory folder_;
    std::filesystem::path card_;
    std::map<std::string, std::string> systems_;  ///< by describe_tree
};

const std::string untouched = "@=now @factory=factory @1=one(single) @2=two(single)";

TEST_F(PowerCutInSnapshots, CreateMakesAWholeSnapshotOrNone) {
    expect([](const Writer& writer) { must(create_snapshot(writer, SnapshotType::pre, "third")); }, {"now"},
           {untouched, untouched + " @3=now(pre)"});
}

TEST_F(PowerCutInSnapshots, DeleteRemovesAWholeSnapshotOrNothing) {
    expect([](const Writer& writer) { must(delete_snapshot(writer, Number{1})); }, {"now"},
           {untouched, "@=now @factory=factory @2=two(single)"});
}

TEST_F(PowerCutInSnapshots, RollbackLeavesTheCompleteOldOrTheCompleteNewSystem) {
    expect([](const Writer& writer) { must(roll_back(writer, Number{1})); }, {"now", "one"},
           {untouched, "@=one @factory=factory @1=one(single) @2=two(single) @3=now(rollback to 1)"});
}

TEST_F(PowerCutInSnapshots, RollbackToTheFactoryLeavesTheCompleteOldOrTheCompleteNewSystem) {
    expect(
        [](const Writer& writer) { must(roll_back(writer, Factory{})); }, {"now", "factory"},
        {untouched, "@=factory @factory=factory @1=one(single) @2=two(single) @3=now(rollback to factory)"});
}

}  // namespace
}  // namespace mox::test_support
