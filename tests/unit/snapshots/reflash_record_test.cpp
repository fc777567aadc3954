// What an interrupted re-flash leaves, and what is decided about it: without a card.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "snapshots/reflash_record.hpp"

namespace mox::snapshots {
namespace {

using Names = std::vector<std::string>;
using Found = std::vector<FoundSubvolume>;

storage::Uuid uuid(std::uint8_t number) {
    storage::Uuid uuid{};
    uuid.back() = number;
    return uuid;
}

/// Subvolume number `id`, a snapshot of number `parent` (0: of nothing).
FoundSubvolume one(const std::string& name, std::uint8_t id, std::uint8_t parent = 0) {
    return {name, {id, uuid(id)}, uuid(parent)};
}

// Old: 1 the root, 2 the factory snapshot, 7 a snapshot, 9 another program's. New: 20 and 21.
const ReflashRecord record{.new_root = {20, uuid(20)},
                           .new_factory = {21, uuid(21)},
                           .old = {{1, uuid(1)}, {2, uuid(2)}, {7, uuid(7)}, {9, uuid(9)}}};
const std::string written = format_reflash_record(record);

const Found built{one("@", 1),    one("@factory", 2, 1),   one("@7", 7, 1),
                  one("data", 9), one("@reflash.new", 20), one("@reflash.factory", 21, 20)};
const Found switched{one("@", 20),   one("@factory", 2, 1),  one("@7", 7, 1),
                     one("data", 9), one("@reflash.new", 1), one("@reflash.factory", 21, 20)};
const Found published{one("@", 20),   one("@factory", 21, 20), one("@7", 7, 1),
                      one("data", 9), one("@reflash.new", 1),  one("@reflash.factory", 2, 1)};

/// `found` with what `more` says instead of, or beside, what has the same names.
Found with(Found found, const Found& more) {
    for (const auto& change : more) {
        std::erase_if(found, [&](const auto& other) { return other.name == change.name; });
        found.push_back(change);
    }
    return found;
}

Found without(Found found, const Names& names) {
    for (const auto& name : names)
        std::erase_if(found, [&](const auto& other) { return other.name == name; });
    return found;
}

void expect_undone(const ReflashRepair& repair) {
    EXPECT_EQ(repair.outcome, ReflashOutcome::undone);
    EXPECT_FALSE(repair.publish_factory);
    EXPECT_EQ(repair.erase, (Names{"@reflash.factory", "@reflash.new"}));
    EXPECT_TRUE(repair.keep_as_snapshot.empty());
}

TEST(ReflashRecord, IsReadAsItWasWritten) {
    EXPECT_EQ(parse_reflash_record(written), record);
    const ReflashRecord of_an_empty_card{
        .new_root = {20, uuid(20)}, .new_factory = {21, uuid(21)}, .old = {}};
    EXPECT_EQ(parse_reflash_record(format_reflash_record(of_an_empty_card)), of_an_empty_card);
}

TEST(ReflashRecord, IsNotBelievedWhenAnyPartIsMissingOrDamaged) {
    for (std::size_t length = 0; length < written.size(); ++length)
        EXPECT_FALSE(parse_reflash_record(written.substr(0, length))) << length;
    for (std::size_t at = 0; at < written.size(); ++at) {
        auto damaged = written;
        damaged[at] = '\0';
        EXPECT_FALSE(parse_reflash_record(damaged)) << at;
    }
    EXPECT_FALSE(parse_reflash_record(written + "more\n"));
    EXPECT_FALSE(parse_reflash_record("256\n257\n258\n")) << "the list of an earlier version";
}

TEST(ReflashRepair, OfNothingIsNothing) {
    EXPECT_EQ(plan_reflash_repair(std::nullopt, {one("@", 1), one("@7", 7, 1)}), ReflashRepair{});
}

TEST(ReflashRepair, BeforeTheSwitchTakesOnlyWhatWasBuilt) {
    expect_undone(plan_reflash_repair(std::nullopt, built));
    expect_undone(plan_reflash_repair(written, built));
}

// A rollback by any tool gives `@` another uuid: that alone is no switch.
TEST(ReflashRepair, BeforeTheSwitchIsNotTakenForAfterItWhateverTheRootIsNow) {
    expect_undone(plan_reflash_repair(written, with(built, {one("@", 30, 7), one("@8", 1)})));
    expect_undone(plan_reflash_repair(written, with(built, {one("@", 30)})));
    expect_undone(plan_reflash_repair(written, without(built, {"@"})));
}

TEST(ReflashRepair, WithoutARecordThatCanBeReadErasesNothingOld) {
    for (const std::string text : {"", "256\n257\n", "re-flash 2\n"}) {
        expect_undone(plan_reflash_repair(text, built));
        const auto repair = plan_reflash_repair(text, switched);
        EXPECT_EQ(repair.outcome, ReflashOutcome::undone);
        EXPECT_FALSE(repair.publish_factory);
        EXPECT_EQ(repair.erase, Names{"@reflash.factory"});
        EXPECT_EQ(repair.keep_as_snapshot, Names{"@reflash.new"}) << "it may be the old root";
    }
}

TEST(ReflashRepair, AfterTheSwitchPublishesAndErasesTheOldRootLast) {
    const auto repair = plan_reflash_repair(written, switched);
    EXPECT_EQ(repair.outcome, ReflashOutcome::finished);
    EXPECT_TRUE(repair.publish_factory);
    EXPECT_EQ(repair.erase, (Names{"@7", "data", "@reflash.factory", "@reflash.new"}));
    EXPECT_TRUE(repair.keep_as_snapshot.empty());
}

TEST(ReflashRepair, AfterPublishingErasesTheOldFactoryUnderItsNewName) {
    const auto repair = plan_reflash_repair(written, published);
    EXPECT_EQ(repair.outcome, ReflashOutcome::finished);
    EXPECT_FALSE(repair.publish_factory);
    EXPECT_EQ(repair.erase, (Names{"@7", "data", "@reflash.factory", "@reflash.new"}));
}

TEST(ReflashRepair, OnACardWithoutAFactoryRenamesTheNewOne) {
    const auto repair = plan_reflash_repair(written, without(switched, {"@factory"}));
    EXPECT_TRUE(repair.publish_factory);
    EXPECT_EQ(repair.erase, (Names{"@7", "data", "@reflash.new"}));
}

TEST(ReflashRepair, NeverTakesWhatCameSince) {
    const auto since = with(published, {one("@8", 30, 20), one("docker", 31)});
    EXPECT_EQ(plan_reflash_repair(written, since), plan_reflash_repair(written, published));
    // The number of a deleted subvolume, given again.
    const auto again = with(without(published, {"@7"}), {{"@7", {7, uuid(77)}, uuid(20)}});
    EXPECT_EQ(plan_reflash_repair(written, again).erase, (Names{"data", "@reflash.factory", "@reflash.new"}));
}

TEST(ReflashRepair, KeepsAFactoryThatWasMadeSince) {
    const auto repair = plan_reflash_repair(written, with(switched, {one("@factory", 30, 20)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::finished);
    EXPECT_FALSE(repair.publish_factory);
    EXPECT_EQ(repair.erase, (Names{"@7", "data", "@reflash.factory", "@reflash.new"}));
}

TEST(ReflashRepair, FinishesWhenTheRootWasRolledBackWithinTheNewSystem) {
    const auto to_snapshot = with(published, {one("@", 31, 30), one("@8", 30, 20), one("@9", 20)});
    EXPECT_EQ(plan_reflash_repair(written, to_snapshot), plan_reflash_repair(written, published));
    const auto to_factory = with(published, {one("@", 31, 21), one("@9", 20)});
    EXPECT_EQ(plan_reflash_repair(written, to_factory), plan_reflash_repair(written, published));
}

// The user went back to the old system: everything of it stays.
TEST(ReflashRepair, IsGivenUpWhenTheRootWasRolledBackToSomethingOld) {
    const auto repair = plan_reflash_repair(written, with(switched, {one("@", 30, 7), one("@8", 20)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::abandoned);
    EXPECT_FALSE(repair.publish_factory);
    EXPECT_EQ(repair.erase, Names{"@reflash.factory"}) << "a factory snapshot that was never published";
    EXPECT_EQ(repair.keep_as_snapshot, Names{"@reflash.new"}) << "the old root";
}

TEST(ReflashRepair, IsGivenUpWithTheOldFactoryKeptWhenThatWasReplaced) {
    const auto repair = plan_reflash_repair(written, with(published, {one("@", 30, 7), one("@8", 20)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::abandoned);
    EXPECT_TRUE(repair.erase.empty());
    EXPECT_EQ(repair.keep_as_snapshot, (Names{"@reflash.factory", "@reflash.new"}));
}

TEST(ReflashRepair, IsGivenUpWhenTheOldRootHasItsNameAgain) {
    const auto repair =
        plan_reflash_repair(written, with(without(switched, {"@reflash.new"}), {one("@", 1), one("@8", 20)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::abandoned);
    EXPECT_EQ(repair.erase, Names{"@reflash.factory"});
    EXPECT_TRUE(repair.keep_as_snapshot.empty());
}

// There and back: the root is new, but a system was made of an old snapshot in between.
TEST(ReflashRepair, IsGivenUpWhenSomethingOldWasUsedInBetween) {
    const auto repair =
        plan_reflash_repair(written, with(published, {one("@", 32, 20), one("@8", 20), one("@9", 30, 7)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::abandoned);
}

// The chain of parents is broken: nobody can say that this root is of the new system.
TEST(ReflashRepair, IsGivenUpWhenTheRootsOriginIsUnknown) {
    EXPECT_EQ(plan_reflash_repair(written, with(published, {one("@", 31, 99)})).outcome,
              ReflashOutcome::abandoned);
    EXPECT_EQ(plan_reflash_repair(written, without(published, {"@"})).outcome, ReflashOutcome::abandoned);
}

TEST(ReflashRepair, KeepsWhatHasItsNamesButIsNeitherOldNorNew) {
    const auto repair =
        plan_reflash_repair(written, with(published, {one("@reflash.new", 40), one("@reflash.factory", 41)}));
    EXPECT_EQ(repair.outcome, ReflashOutcome::finished);
    EXPECT_EQ(repair.keep_as_snapshot, (Names{"@reflash.factory", "@reflash.new"}));
    EXPECT_EQ(repair.erase, (Names{"@7", "data"}));
}

TEST(ReflashRepair, DoesNotFollowACircleOfParentsForEver) {
    const auto circle = with(published, {one("@", 31, 32), one("@8", 32, 31)});
    EXPECT_EQ(plan_reflash_repair(written, circle).outcome, ReflashOutcome::abandoned);
}

}  // namespace
}  // namespace mox::snapshots
