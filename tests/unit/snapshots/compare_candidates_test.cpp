#include <gtest/gtest.h>

#include "snapshots/compare_candidates.hpp"

namespace mox::snapshots {
namespace {

using Paths = std::vector<std::string>;

TEST(Candidates, AreWithinADirectoryOnlyAtItsSlash) {
    EXPECT_TRUE(is_within("etc/config", "etc"));
    EXPECT_TRUE(is_within("etc", "etc"));
    EXPECT_TRUE(is_within("etc", ""));
    EXPECT_FALSE(is_within("etc2", "etc"));
    EXPECT_FALSE(is_within("etc", "etc/config"));
}

TEST(Candidates, AreNotRepeatedBelowAWholeOne) {
    const auto tidy =
        without_repetition({.alone = {"a/b/c", "a-b", "x", "x", ""}, .whole = {"a/b", "a", "a/b/d", "a"}});
    EXPECT_EQ(tidy.alone, (Paths{"", "a-b", "x"}));
    EXPECT_EQ(tidy.whole, Paths{"a"});
}

TEST(Candidates, OfTheRootCoverEverything) {
    const auto tidy = without_repetition({.alone = {"", "a"}, .whole = {"b", ""}});
    EXPECT_EQ(tidy.alone, Paths{});
    EXPECT_EQ(tidy.whole, Paths{""});
}

TEST(Candidates, OutsideThePathAreLeftOut) {
    const auto some =
        restricted_to("etc", {.alone = {"", "etc", "etc/a", "etc2/a"}, .whole = {"etc/b", "usr"}});
    EXPECT_EQ(some.alone, (Paths{"etc", "etc/a"}));
    EXPECT_EQ(some.whole, Paths{"etc/b"});
}

TEST(Candidates, AboveThePathMakeItAWholeOne) {
    const auto some = restricted_to("etc/config", {.alone = {"etc"}, .whole = {"etc"}});
    EXPECT_EQ(some.alone, Paths{});
    EXPECT_EQ(some.whole, Paths{"etc/config"});
}

}  // namespace
}  // namespace mox::snapshots
