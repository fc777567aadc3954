// Re-flash of a healthy card, cut off after any request to the card. See docs/restart-contracts.md.
// MOX_SOAK_SECONDS=N goes on with other instants for N seconds; MOX_SEED=N repeats a choice of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/power_cut.hpp"
#include "support/power_cut_examination.hpp"
#include "support/power_cut_table.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/seeds.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t random_cuts = 120;
constexpr std::size_t cuts_with_loss = 36;
constexpr std::size_t next_runs_per_step = 2;

struct PlannedCut {
    CutKind kind;
    Cut cut;
};

std::vector<PlannedCut> plan_cuts(std::span<const LoggedWrite> log, std::mt19937_64& random,
                                  bool with_flushes) {
    std::vector<PlannedCut> all;
    if (with_flushes)
        for (auto& cut : cuts_at_flushes(log)) all.push_back({CutKind::at_flush, std::move(cut)});
    for (auto& cut : cuts_at_random(log, random_cuts, random))
        all.push_back({CutKind::at_random, std::move(cut)});
    for (auto& cut : cuts_with_lost_writes(log, cuts_with_loss, random))
        all.push_back({CutKind::with_lost_writes, std::move(cut)});
    std::ranges::stable_sort(all, {}, [](const PlannedCut& planned) { return planned.cut.durable; });
    return all;
}

std::string what_it_did(const std::string& output) {
    if (output.contains("an interrupted re-flash was undone")) return "undoes, then flashes";
    if (output.contains("an interrupted re-flash was completed")) return "finishes, then flashes";
    return "flashes";
}

class PowerCut : public ::testing::Test {
protected:
    PowerCut() : card_(table_.folder() / "card.img"), stick_(table_.folder() / "stick.img") {
        make_card_with_whole_system(card_);
        make_disk(stick_, {64 << 20}, Table::dos);
        make_filesystem(stick_, Table::dos, "ext4", table_.content());
        const MountedImage before(card_, partition_start, "btrfs");
        known_ = {"8.0.0", describe_tree(before / "@"), table_.description()};
    }

    /// The whole re-flash, once, with every request to the card recorded.
    void record() {
        AttachedImage stick(stick_);
        recording_.emplace(card_, table_.folder().path(), [&](const std::filesystem::path& node) {
            const auto result = run_mode_4(MOX_RESCUE_PROGRAM, table_.keys(), node, stick.node());
            ASSERT_EQ(result.exit_status, 0) << result.output;
        });
    }

    /// The next run of mode 4 on the card that a cut left.
    void expect_next_run_finishes(const std::filesystem::path& image, StepReached step, CutTable& table) {
        const auto id = btrfs_id(image);
        const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), image, stick_);
        EXPECT_EQ(result.exit_status, 0) << result.output;
        for (const auto& flaw : flaws_of_flashed_card(image, table_.description())) ADD_FAILURE() << flaw;
        EXPECT_EQ(btrfs_id(image), id) << "a healthy card was formatted\n" << result.output;
        table.add_next_run(step, what_it_did(result.output));
    }

    /// The card as the cut leaves it, and for some of them the next run.
    void examine(const PlannedCut& planned, CutTable& table) {
        const auto card = examine_after_cut(copy_, known_);
        for (const auto& flaw : card.flaws) ADD_FAILURE() << flaw;
        if (HasFailure()) return;
        table.add(planned.kind, card);
        std::string besides;
        for (const auto& name : card.besides) besides += " " + name;
        SCOPED_TRACE("step " + to_text(card.step) + ", with" + besides);
        // The first of each step, and a later one: what lies between is often the same transaction.
        const auto number = seen_[card.step]++;
        if ((number == 0 || number == 7) && next_runs_[card.step]++ < next_runs_per_step)
            expect_next_run_finishes(copy_, card.step, table);
    }

    RescueTable table_;
    std::filesystem::path card_, stick_, copy_ = table_.folder() / "cut.img";
    KnownSystems known_;
    std::optional<RecordedCard> recording_;
    std::map<StepReached, std::size_t> next_runs_;
    std::map<StepReached, std::size_t> seen_;
};

TEST_F(PowerCut, AtAnyInstantOfAReflashLeavesTheCompleteOldOrTheCompleteNewSystem) {
    ASSERT_NO_FATAL_FAILURE(record());
    const auto log = recording_->log();
    const auto seed = test_seed();
    std::cout << log.size() << " requests to the card\n";
    std::mt19937_64 random(seed);

    CutTable table;
    const SoakClock clock(0s);
    bool with_flushes = true;
    do {
        for (const auto& planned : plan_cuts(log, random, with_flushes)) {
            SCOPED_TRACE("power cut at " + to_text(planned.cut, log.size()));
            recording_->write_card_at(planned.cut, copy_);
            examine(planned, table);
            ASSERT_FALSE(HasFailure()) << "one is enough: MOX_SEED=" << seed;
        }
        with_flushes = false;
    } while (!clock.is_over());
    std::cout << table.text();

    // The recording was complete: carried to its end it is the card itself.
    recording_->write_card_at({.durable = log.size(), .end = log.size(), .lost = {}}, copy_);
    EXPECT_EQ(image_digest(copy_), image_digest(card_));
    for (const auto& flaw : flaws_of_flashed_card(card_, table_.description())) ADD_FAILURE() << flaw;

    const std::filesystem::path document = MOX_SOURCE_FOLDER "/docs/restart-contracts.md";
    if (std::getenv("MOX_UPDATE_DOCS") != nullptr) replace_table_in(document, table.text());
    EXPECT_EQ(table.text_without_numbers(), without_numbers(table_in(document)))
        << "docs/restart-contracts.md says something else; if it is out of date, run this with "
           "MOX_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace mox::test_support
