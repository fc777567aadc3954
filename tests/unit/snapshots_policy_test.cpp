#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "snapshots/cleanup_policy.hpp"
#include "snapshots/rollback_policy.hpp"

namespace {

using namespace mox::snapshots;

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
    EXPECT_EQ(chosen("s s r2 s r4"), "2");
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

/// Every card of up to five snapshots of six kinds: the rule in the manual's words, looked up the slow way.
TEST(OneStepBack, FollowsTheRuleOnEverySmallCard) {
    const std::vector<std::string> kinds{"s", "-", "x", "rf", "r1", "r3"};
    for (int code = 0; code < 7776; ++code) {
        std::string words;
        for (int i = 0, rest = code; i < 5; ++i, rest /= 6)
            words += kinds[static_cast<std::size_t>(rest % 6)] + " ";
        words.pop_back();
        const auto snapshots = card(words);
        const Snapshot* newest = nullptr;
        for (const auto& one : snapshots)
            if (one.usable()) newest = &one;
        std::string expected = "factory";
        for (const auto& one : snapshots) {
            if (!one.usable() || one.type == SnapshotType::rollback) continue;
            const bool undoing = newest->type == SnapshotType::rollback && newest->roll_to.has_value();
            if (undoing && newest->roll_to == Target(Factory{})) continue;
            if (undoing && !(one.number < std::get<Number>(*newest->roll_to))) continue;
            expected = to_text(one.number);
        }
        ASSERT_EQ(chosen(words), expected) << words;
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

}  // namespace
