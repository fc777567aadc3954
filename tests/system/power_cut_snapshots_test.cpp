// Create, delete, rollback, and rollback to the factory (which is mode 3), cut off after any request to the
// card. See docs/restart-contracts.md. MOX_CUTS=200 for the full run; MOX_SEED=N repeats a choice of
// instants.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "snapshots/card_lock.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/power_cut.hpp"
#include "support/power_cut_table.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace snapshots;

/// Random cuts of each operation, unless MOX_CUTS says otherwise; three for each ten of them are made besides
/// that lose writes.
constexpr std::size_t usual_cuts = 60;

/// What is on a card: systems by the names that this test gives them, "INCOMPLETE" for anything else.
struct CardState {
    std::string boots;                             ///< the system in `@`
    std::map<std::string, std::string> snapshots;  ///< "@1" -> "one, single", as listed
    std::map<std::string, std::string> under_way;  ///< other names, and the system if it is a subvolume

    bool operator==(const CardState&) const = default;
};

std::ostream& operator<<(std::ostream& out, const CardState& state) {
    out << "@ = " << state.boots;
    for (const auto& [name, system] : state.snapshots) out << "; " << name << " = " << system;
    for (const auto& [name, system] : state.under_way) out << "; under way: " << name << " " << system;
    return out;
}

struct Operation {
    std::string name;
    std::function<void(const Writer&)> change;
    CardState after;
    std::string may_vanish;  ///< the one snapshot that the operation is to remove
};

const CardState before{.boots = "now",
                       .snapshots = {{"@1", "one, single"}, {"@2", "two, pre"}, {"@factory", "factory"}},
                       .under_way = {}};

CardState changed(const std::string& boots, const std::map<std::string, std::string>& more,
                  const std::string& less = {}) {
    auto state = before;
    state.boots = boots;
    state.snapshots.insert(more.begin(), more.end());
    state.snapshots.erase(less);
    return state;
}

std::vector<Operation> operations() {
    return {
        {"create",
         [](const Writer& writer) { must(create_snapshot(writer, SnapshotType::time, "third")); },
         changed("now", {{"@3", "now, time"}}),
         {}},
        {"delete 2", [](const Writer& writer) { must(delete_snapshot(writer, Number{2})); },
         changed("now", {}, "@2"), "@2"},
        {"rollback 1",
         [](const Writer& writer) { must(roll_back(writer, Number{1})); },
         changed("one", {{"@3", "now, rollback to 1"}}),
         {}},
        {"rollback factory",
         [](const Writer& writer) { must(roll_back(writer, Factory{})); },
         changed("factory", {{"@3", "now, rollback to factory"}}),
         {}},
    };
}

/// One line of the table: what can be seen after a cut, and how often it was.
struct Rows {
    struct Seen {
        std::size_t order = 0;
        std::array<std::size_t, 3> cuts{};
    };
    std::map<std::string, Seen> seen;

    /// True: for the first time.
    bool add(const std::string& row, CutKind kind) {
        const auto [place, is_new] = seen.try_emplace(row, Seen{.order = seen.size(), .cuts = {}});
        ++place->second.cuts.at(static_cast<std::size_t>(kind));
        return is_new;
    }

    [[nodiscard]] std::string table() const {
        std::vector<std::string> lines(seen.size());
        for (const auto& [row, what] : seen) {
            auto& line = lines[what.order];
            line = row;
            for (const auto count : what.cuts) line += " " + std::to_string(count) + " |";
            line += "\n";
        }
        std::string text =
            "| Command | System that boots | Names besides `@` and snapshots | The next call "
            "| Cuts at flushes | Random cuts | Cuts with lost writes |\n"
            "|---|---|---|---|---|---|---|\n";
        for (const auto& line : lines) text += line;
        return text;
    }
};

std::string row_of(const Operation& operation, const CardState& cut,
                   const std::vector<std::string>& repairs) {
    std::string names, done;
    for (const auto& [name, system] : cut.under_way) names += (names.empty() ? "`" : ", `") + name + "`";
    if (names.empty()) names = cut == operation.after ? "none: done" : "none: not begun";
    for (const auto& repair : repairs) done += (done.empty() ? "" : "; ") + repair;
    if (done.empty()) done = cut.under_way.empty() ? "has nothing to do" : "clears up";
    return "| `" + operation.name + "` | " + (cut.boots == before.boots ? "old" : "new") + ", complete | " +
           names + " | " + done + " |";
}

struct PlannedCut {
    CutKind kind;
    Cut cut;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* given = std::getenv(variable);
    return given != nullptr ? std::stoull(given) : otherwise;
}

std::vector<PlannedCut> plan_cuts(std::span<const LoggedWrite> log, std::mt19937_64& random) {
    const auto count = number_from("MOX_CUTS", usual_cuts);
    std::vector<PlannedCut> all;
    for (auto& cut : cuts_at_flushes(log)) all.push_back({CutKind::at_flush, std::move(cut)});
    for (auto& cut : cuts_at_random(log, count, random)) all.push_back({CutKind::at_random, std::move(cut)});
    for (auto& cut : cuts_with_lost_writes(log, count * 3 / 10, random))
        all.push_back({CutKind::with_lost_writes, std::move(cut)});
    std::ranges::sort(all, {}, [](const PlannedCut& planned) { return planned.cut.durable; });
    return all;
}

class PowerCutInSnapshots : public ::testing::Test {
protected:
    PowerCutInSnapshots() : card_(folder_ / "card.img") {
        LoopImage loop(card_, Bytes{256ULL << 20});
        format(loop.node(), "btrfs");
        {
            const auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
            const int directory = top.directory();
            must(storage::create_subvolume(directory, "@"));
            install(top, "factory");
            must(storage::snapshot_subvolume(directory, "@", "@factory", storage::Access::read_only));
            const auto writer = must(Writer::begin(top));
            install(top, "one");
            must(create_snapshot(writer, SnapshotType::single, "first"));
            install(top, "two");
            must(create_snapshot(writer, SnapshotType::pre, "second"));
            install(top, "now");
            must(storage::sync_filesystem(directory));
        }
        loop.detach();
    }

    /// A small system that has some of everything, and in which every file is another one.
    void install(const TopLevel& top, const std::string& name) {
        const auto root = top.path() / "@";
        for (int i = 0; i < 30; ++i) {
            const auto file = root / ("etc/config/file" + std::to_string(i));
            write_file(file, name + std::string(static_cast<std::size_t>(i) * 311, '.'));
            fs::permissions(file, static_cast<fs::perms>(0600 + i));
        }
        fs::remove(root / "etc/link");
        fs::create_symlink("config/" + name, root / "etc/link");
        fs::create_directories(root / ("srv/" + name));
        fs::remove(root / "etc/twin");
        fs::create_hard_link(root / "etc/config/file7", root / "etc/twin");
        systems_[describe_tree(root)] = name;
    }

    [[nodiscard]] std::string system_in(const TopLevel& top, const std::string& name) const {
        if (!storage::is_subvolume(top.directory(), name)) return {};
        const auto known = systems_.find(describe_tree(top.path() / name));
        return known == systems_.end() ? "INCOMPLETE" : known->second;
    }

    [[nodiscard]] CardState look_at(const TopLevel& top) const {
        CardState state;
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(top.path() / ""))
            names.insert(entry.path().filename());
        if (names.erase("@") == 1) state.boots = system_in(top, "@");
        if (names.erase("@factory") == 1) state.snapshots["@factory"] = system_in(top, "@factory");
        for (const auto& one : must(list_snapshots(top))) {
            const auto name = subvolume_of(one.number);
            auto text = system_in(top, name) + ", " + std::string(name_of(one.type));
            if (one.roll_to) text += " to " + to_text(*one.roll_to);
            if (names.erase(info_file_of(one.number)) == 0) text += ", without info file";
            state.snapshots[name] = text + one.damage + one.info_warning;
            names.erase(name);
        }
        for (const auto& name : names) state.under_way[name] = system_in(top, name);
        return state;
    }

    /// What the router finds when the power is back.
    static void expect_nothing_is_lost(const CardState& cut, const Operation& operation) {
        EXPECT_TRUE(cut.boots == before.boots || cut.boots == operation.after.boots) << cut;
        for (const auto& [name, system] : before.snapshots)
            if (name != operation.may_vanish) {
                EXPECT_TRUE(cut.snapshots.contains(name) && cut.snapshots.at(name) == system) << cut;
            }
        for (const auto& [name, system] : cut.snapshots) {
            EXPECT_TRUE(before.snapshots.contains(name) || operation.after.snapshots.at(name) == system)
                << cut;
        }
        const auto is_now = [](const auto& one) { return one.second.starts_with("now"); };
        EXPECT_TRUE(cut.boots == "now" || std::ranges::any_of(cut.snapshots, is_now) ||
                    std::ranges::any_of(cut.under_way, is_now))
            << "the system as it was is gone: " << cut;
    }

    /// One card that a cut left: as it is, and as the next call leaves it.
    void examine(const fs::path& image, const Operation& operation, CutKind kind) {
        bool is_new = false;
        {
            const LoopImage loop(image);
            const auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
            const auto cut = look_at(top);
            expect_nothing_is_lost(cut, operation);
            const auto repairs = must(Writer::begin(top)).repairs();
            const auto repaired = look_at(top);
            EXPECT_TRUE(repaired == before || repaired == operation.after) << repaired << "\nfrom " << cut;
            EXPECT_EQ(repaired.boots, cut.boots) << "the next call decides what boots";
            EXPECT_TRUE(must(Writer::begin(top)).repairs().empty());
            is_new = rows_.add(row_of(operation, cut, repairs), kind);
        }
        if (is_new) run({"btrfs", "check", "--readonly", image.native()});
    }

    /// Records the operation, and looks at the card at every cut.
    void cut_off(const Operation& operation, std::uint64_t seed) {
        const auto image = folder_ / "operated.img";
        copy_sparse(card_, image);
        RecordedCard recording(image, folder_.path(), [&](const fs::path& node) {
            const auto top = must(TopLevel::on_device(node, Purpose::change));
            operation.change(must(Writer::begin(top)));
        });
        const auto log = recording.log();
        std::cout << operation.name << ": " << log.size() << " requests to the card\n";
        std::mt19937_64 random(seed);
        const auto copy = folder_ / "cut.img";
        for (const auto& [kind, cut] : plan_cuts(log, random)) {
            SCOPED_TRACE(operation.name + ", power cut at " + to_text(cut, log.size()));
            recording.write_card_at(cut, copy);
            examine(copy, operation, kind);
            ASSERT_FALSE(HasFailure()) << "one is enough: MOX_SEED=" << seed;
        }
        // The recording was complete: carried to its end, the operation has happened.
        recording.write_card_at({.durable = log.size(), .end = log.size(), .lost = {}}, copy);
        const LoopImage loop(copy);
        EXPECT_EQ(look_at(must(TopLevel::on_device(loop.node(), Purpose::change))), operation.after);
    }

    RamFolder folder_;
    fs::path card_;
    std::map<std::string, std::string> systems_;  ///< names by describe_tree
    Rows rows_;
};

std::set<std::string> lines_of_table(const std::string& table) {
    std::set<std::string> lines;
    std::istringstream text(without_numbers(table));
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
}

TEST_F(PowerCutInSnapshots, LeavesTheCompleteOldOrNewSystemAndEverySnapshot) {
    const auto seed = number_from("MOX_SEED", std::random_device{}());
    std::cout << "MOX_SEED=" << seed << "\n";
    for (const auto& operation : operations()) ASSERT_NO_FATAL_FAILURE(cut_off(operation, seed));
    std::cout << rows_.table();

    const fs::path document = MOX_SOURCE_FOLDER "/docs/restart-contracts.md";
    const std::string generator = "power_cut_snapshots_test";
    if (std::getenv("MOX_UPDATE_DOCS") != nullptr) replace_table_in(document, rows_.table(), generator);
    // Which of the steps in between lies on the card at some instant depends on when the kernel writes.
    const auto documented = lines_of_table(table_in(document, generator));
    for (const auto& line : lines_of_table(rows_.table()))
        EXPECT_TRUE(documented.contains(line)) << line << " is not in " << document.filename()
                                               << "; if that is out of date, run this with MOX_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace mox::test_support
