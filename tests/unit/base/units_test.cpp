#include <gtest/gtest.h>

#include "base/units.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;
using namespace unit_literals;

TEST(Bytes, AreShownAsDrivesAreSold) {
    EXPECT_EQ(to_text(Bytes{17}), "17 B");
    EXPECT_EQ(to_text(Bytes{999}), "999 B");
    EXPECT_EQ(to_text(Bytes{1000}), "1.0 kB");
    EXPECT_EQ(to_text(Bytes{215'300'000}), "215.3 MB");
    EXPECT_EQ(to_text(Bytes{999'960}), "1.0 MB");
    EXPECT_EQ(to_text(Bytes{~0ULL}), "18.4 EB");
}

TEST(Bytes, LeftOverAreNeverNegative) {
    EXPECT_EQ((1_MiB - 2_MiB).count, 0U);
}

TEST(Durations, AreShownInTheUnitThatPeopleWant) {
    EXPECT_EQ(to_text(840ms), "0.8 s");
    EXPECT_EQ(to_text(12s), "12 s");
    EXPECT_EQ(to_text(119s), "119 s");
    EXPECT_EQ(to_text(185s), "3 min 05 s");
}

}  // namespace
}  // namespace mox
