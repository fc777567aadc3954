#include <gtest/gtest.h>

#include "base/child_process.hpp"
#include "base/units.hpp"

namespace mox {
namespace {

using namespace std::chrono_literals;

TEST(ChildProcess, GivesItsOutputAndExitStatus) {
    const auto result = run_child({"sh", "-c", "echo out; echo err >&2; exit 7"}, 10s);
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(result->exit_status, 7);
    EXPECT_EQ(result->output, "out\nerr\n");
}

TEST(ChildProcess, ArgumentsAreNotReadByAShell) {
    const auto result = run_child({"printf", "%s", "$(id); `id` ; a  b"}, 10s);
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(result->output, "$(id); `id` ; a  b");
}

TEST(ChildProcess, ThatDoesNotExistIsAnErrorThatNamesIt) {
    const auto result = run_child({"no-such-program-anywhere"}, 10s);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().describe().find("no-such-program-anywhere"), std::string::npos);
}

TEST(ChildProcess, IsKilledWhenItsTimeIsUp) {
    const auto start = Clock::now();
    const auto result = run_child({"sleep", "60"}, 200ms);
    ASSERT_FALSE(result);
    EXPECT_LT(Clock::now() - start, 10s);
    EXPECT_NE(result.error().describe().find("sleep"), std::string::npos);
}

TEST(ChildProcess, KilledBySignalIsShownAsByAShell) {
    const auto result = run_child({"sh", "-c", "kill -TERM $$"}, 10s);
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(result->exit_status, 128 + 15);
}

TEST(ChildProcess, KeepsTheEndOfALongOutput) {
    const auto result = run_child({"sh", "-c", "yes 0123456789 | head -n 100000; echo the end"}, 30s);
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_LE(result->output.size(), 64U << 10);
    EXPECT_TRUE(result->output.ends_with("the end\n"));
}

TEST(ChildProcess, ThatMustSucceedFailsWithItsLastWords) {
    const auto result = run_child_successfully({"sh", "-c", "echo no room; exit 1"}, 10s, ErrorKind::card);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::card);
    EXPECT_NE(result.error().describe().find("no room"), std::string::npos);
}

}  // namespace
}  // namespace mox
