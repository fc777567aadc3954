#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "snapshots/cleanup_policy.hpp"
#include "snapshots/rollback.hpp"
#include "support/seeds.hpp"
#include "support/snapshot_model.hpp"

namespace {

using namespace mox::snapshots;
namespace test_support = mox::test_support;

/// A card told in one line: "s" single, "t" time, "a" pre, "z" post, "v" save, "r3" rollback to 3, "rf" to
/// factory, "r" to nobody knows what, "x" damaged, "-" a number that is free. The first is number 1.
std::vector<Snapshot> card(const std::string& words) {
    std::vector<Snapshot> snapshots;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < words.size();) {
        const auto end = std::min(words.find(' ', i), words.size());
        const auto word = words.substr(i, end - i);
        i = end + 1;
        ++number;
        if (word == "-") continue;
        Snapshot one;
        one.number = {number};
        switch (word[0]) {
            case 't':
                one.type = SnapshotType::time;
                break;
            case 'a':
                one.type = SnapshotType::pre;
                break;
            case 'z':
                one.type = SnapshotType::post;
                break;
            case 'v':
                one.type = SnapshotType::save;
                break;
            case 'x':
                one.damage = "damaged";
                break;
            case 'r':
                one.type = SnapshotType::rollback;
                one.roll_to = word == "rf" ? Target(Factory{}) : target_named(word.substr(1));
                break;
            default:
                break;
        }
        snapshots.push_back(one);
    }
    return snapshots;
}

std::string chosen(const std::string& words) {
    return to_text(one_step_back(card(words)));
}

TEST(OneStepBack, IsFactoryWhenNothingElseIsThere) {
    EXPECT_EQ(chosen("-"), "factory");
    EXPECT_EQ(chosen("x"), "factory");
    EXPECT_EQ(chosen("r"), "factory");
}

TEST(OneStepBack, IsTheNewestOfAnyTypeButRollback) {
    EXPECT_EQ(chosen("s"), "1");
    EXPECT_EQ(chosen("s s s"), "3");
    EXPECT_EQ(chosen("s t"), "2");
    EXPECT_EQ(chosen("s a z"), "3");
    EXPECT_EQ(chosen("s v"), "2");
    EXPECT_EQ(chosen("s - - - t -"), "5");
}

TEST(OneStepBack, GoesFurtherBackEachTime) {
    EXPECT_EQ(chosen("s s s"), "3");
    EXPECT_EQ(chosen("s s s r3"), "2");
    EXPECT_EQ(chosen("s s s r3 r2"), "1");
    EXPECT_EQ(chosen("s s s r3 r2 r1"), "factory");
    EXPECT_EQ(chosen("s s s r3 r2 r1 rf"), "factory");
}

TEST(OneStepBack, StartsAnewFromASnapshotMadeAfterARollback) {
    EXPECT_EQ(chosen("s s r2 s"), "4");
    EXPECT_EQ(chosen("s s r2 s r4"), "1") << "2 was rolled back to once already";
    EXPECT_EQ(chosen("s rf t"), "3");
}

TEST(OneStepBack, SkipsDamagedSnapshotsAndSnapshotsThatAreGone) {
    EXPECT_EQ(chosen("s s x"), "2");
    EXPECT_EQ(chosen("s x s r3"), "1");
    EXPECT_EQ(chosen("s - - r3"), "1");
    EXPECT_EQ(chosen("- - - r2"), "factory");
    EXPECT_EQ(chosen("s s r2 x"), "1") << "the newest that can be used is the backup of a rollback";
}

TEST(OneStepBack, WithAnUnknownOriginTakesTheNewest) {
    EXPECT_EQ(chosen("s s r"), "2");
}

TEST(OneStepBack, DoesNotDependOnTheOrderOfTheList) {
    auto snapshots = card("s s s r3");
    std::ranges::reverse(snapshots);
    EXPECT_EQ(one_step_back(snapshots), Target(Number{2}));
}

TEST(OneStepBack, GoesOverEveryRollbackInBetween) {
    EXPECT_EQ(chosen("s - z r3 a r5 t r7"), "1") << "the example of the field";
    EXPECT_EQ(chosen("s s r1 s r2"), "1") << "a rollback that is skipped itself skips nothing";
    EXPECT_EQ(chosen("s rf s r3"), "factory") << "what was before a factory reset is behind it";
    EXPECT_EQ(chosen("s s r9"), "2") << "a number above its own skips nothing";
    EXPECT_EQ(chosen("s r1 t r3"), "factory");
}

TEST(OneStepBack, RepeatedNeverComesBackToAStateThatItLeft) {
    auto words = std::string("s t s r3 s z");
    std::vector<std::string> targets;
    for (auto target = chosen(words); target != "factory"; target = chosen(words)) {
        EXPECT_EQ(std::ranges::count(targets, target), 0) << words;
        targets.push_back(target);
        words += " r" + target;
        ASSERT_LT(targets.size(), 9U) << words;
    }
    EXPECT_EQ(targets, (std::vector<std::string>{"6", "5", "2", "1"}));
}

/// A history as a router may have it and as none can: any types, numbers with gaps, rollbacks to anything,
/// snapshots without an info file.
std::vector<test_support::ModelSnapshot> random_history(std::mt19937_64& random) {
    const auto below = [&random](std::uint32_t sides) {
        return std::uniform_int_distribution<std::uint32_t>(0, sides - 1)(random);
    };
    std::vector<test_support::ModelSnapshot> history;
    std::uint32_t number = 0;
    for (auto left = below(20); left > 0; --left) {
        number += below(4) == 0 ? 1 + below(5) : 1;
        test_support::ModelSnapshot one{.number = number};
        if (below(8) != 0) one.type = test_support::model_types.at(below(6));
        if (below(3) == 0) one.type = "rollback";
        const auto kind = below(10);
        if (kind == 0) one.roll_to = "factory";
        if (kind > 1) one.roll_to = std::to_string(1 + below(number + 3));
        history.push_back(std::move(one));
    }
    return history;
}

std::vector<Snapshot> as_listed(const std::vector<test_support::ModelSnapshot>& history) {
    std::vector<Snapshot> snapshots;
    for (const auto& one : history) {
        Snapshot snapshot;
        snapshot.number = {one.number};
        snapshot.type = type_named(one.type).value();
        snapshot.roll_to = target_named(one.roll_to);
        snapshots.push_back(std::move(snapshot));
    }
    return snapshots;
}

std::string to_text(const std::vector<test_support::ModelSnapshot>& history) {
    std::string text;
    for (const auto& one : history)
        text += std::to_string(one.number) + " " + one.type +
                (one.roll_to.empty() ? "" : " to " + one.roll_to) + ", ";
    return text;
}

/// The policy against a model that was written from the description alone. MOX_SEED=N repeats a run.
TEST(OneStepBack, IsWhatAnIndependentModelSays) {
    std::mt19937_64 random(test_support::test_seed());
    for (int i = 0; i < 20'000; ++i) {
        const auto history = random_history(random);
        ASSERT_EQ(mox::snapshots::to_text(one_step_back(as_listed(history))), model_step_back(history))
            << to_text(history);
    }
}

std::vector<unsigned> deleted(const std::string& words, const KeepLimits& limits) {
    std::vector<unsigned> numbers;
    for (const auto number : superfluous_snapshots(card(words), limits)) numbers.push_back(number.value);
    return numbers;
}

using Numbers = std::vector<unsigned>;
constexpr KeepLimits keep_all{.single = {}, .time = {}, .updater = {}, .rollback = {}};

TEST(Cleanup, KeepsEverythingWithoutLimits) {
    EXPECT_EQ(deleted("s t a z r1 v x s t a z r1 v x", keep_all), Numbers());
}

TEST(Cleanup, KeepsTheNewestOfEachType) {
    auto limits = keep_all;
    limits.time = 2;
    EXPECT_EQ(deleted("t s t t s t", limits), (Numbers{1, 3}));
    limits = keep_all;
    limits.single = 1;
    EXPECT_EQ(deleted("t s t t s t", limits), (Numbers{2}));
}

TEST(Cleanup, WorksWhenOnlyTheLimitOfRollbacksIsSet) {
    auto limits = keep_all;
    limits.rollback = 3;
    EXPECT_EQ(deleted("s r1 r1 r1 r1 r1 s", limits), (Numbers{2, 3}));
}

TEST(Cleanup, KeepsSoManyBeforeAndSoManyAfterUpdates) {
    auto limits = keep_all;
    limits.updater = 2;
    EXPECT_EQ(deleted("a z a z a z", limits), (Numbers{1, 2}));
    EXPECT_EQ(deleted("a a a z", limits), (Numbers{1}));
}

TEST(Cleanup, ALimitOfZeroDeletesAllOfThatType) {
    auto limits = keep_all;
    limits.time = 0;
    EXPECT_EQ(deleted("t s t", limits), (Numbers{1, 3}));
}

TEST(Cleanup, NeverTouchesSavepointsAndDamagedOnes) {
    const KeepLimits none{.single = 0, .time = 0, .updater = 0, .rollback = 0};
    EXPECT_EQ(deleted("v x s", none), (Numbers{3}));
}

TEST(Cleanup, OfTheDefaultLimitsDoesNotDeleteWhatWasMadeByHand) {
    std::string words;
    for (int i = 0; i < 20; ++i) words += "s ";
    words += "t t t t t t";
    EXPECT_EQ(deleted(words, KeepLimits{}), (Numbers{21}));
}

/// `contents`: a letter for each number on the card.
std::vector<unsigned> deleted_unchanged(const std::string& words, const std::string& contents) {
    std::vector<unsigned> numbers;
    const auto are_the_same = [&contents](const Snapshot& older,
                                          const Snapshot& newer) -> mox::Expected<bool> {
        return contents.at(older.number.value - 1) == contents.at(newer.number.value - 1);
    };
    const auto unchanged = unchanged_snapshots(card(words), are_the_same);
    for (const auto number : unchanged.value()) numbers.push_back(number.value);
    return numbers;
}

TEST(CleanupWithCompare, KeepsTheLastOfAGroupWithoutChanges) {
    EXPECT_EQ(deleted_unchanged("t t t", "aaa"), (Numbers{1, 2}));
    EXPECT_EQ(deleted_unchanged("t t t t", "aabb"), (Numbers{1, 3}));
    EXPECT_EQ(deleted_unchanged("t t t", "aba"), Numbers()) << "only neighbours are compared";
    EXPECT_EQ(deleted_unchanged("t", "a"), Numbers());
    EXPECT_EQ(deleted_unchanged("- t - a z r2", "-a-aaa"), (Numbers{2, 4, 5}));
}

TEST(CleanupWithCompare, KeepsWhatAUserMadeAndPassesOverDamagedOnes) {
    EXPECT_EQ(deleted_unchanged("t s t", "aaa"), (Numbers{1}));
    EXPECT_EQ(deleted_unchanged("t v t", "aaa"), (Numbers{1}));
    EXPECT_EQ(deleted_unchanged("t x t", "a-a"), (Numbers{1}));
}

TEST(CleanupWithCompare, IsWhatAnIndependentModelSays) {
    std::mt19937_64 random(test_support::test_seed());
    for (int i = 0; i < 5'000; ++i) {
        auto history = random_history(random);
        std::map<std::uint32_t, std::string> contents;
        for (auto& one : history) contents[one.number] = one.content = random() % 3 == 0 ? "other" : "same";
        const auto are_the_same = [&](const Snapshot& older, const Snapshot& newer) -> mox::Expected<bool> {
            return contents[older.number.value] == contents[newer.number.value];
        };
        std::vector<std::uint32_t> numbers;
        const auto unchanged = unchanged_snapshots(as_listed(history), are_the_same);
        for (const auto number : unchanged.value()) numbers.push_back(number.value);
        ASSERT_EQ(numbers, model_compare_cleanup(history)) << to_text(history);
    }
}

}  // namespace
