#include "boot/kernel_command_line.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace mox::boot {

// For GoogleTest's messages.
static void PrintTo(const KernelParameter& parameter, std::ostream* out) {
    *out << parameter.name << (parameter.value ? "=[" + *parameter.value + "]" : "");
}

namespace {

using Parameters = std::vector<KernelParameter>;

Parameters parsed(std::string_view text) {
    return KernelCommandLine(text).parameters();
}

TEST(KernelCommandLine, SplitsAtAnyWhiteSpace) {
    EXPECT_EQ(parsed("  ro\tquiet \n root=/dev/x\r\v\f"),
              (Parameters{{"ro", std::nullopt}, {"quiet", std::nullopt}, {"root", "/dev/x"}}));
    EXPECT_EQ(parsed(""), Parameters{});
    EXPECT_EQ(parsed(" \n"), Parameters{});
}

TEST(KernelCommandLine, CutsAtTheFirstEqualsSign) {
    EXPECT_EQ(parsed("root=PARTUUID=12-01 a= =b"),
              (Parameters{{"root", "PARTUUID=12-01"}, {"a", ""}, {"=b", std::nullopt}}));
}

TEST(KernelCommandLine, KeepsWhiteSpaceInQuotesAndRemovesTheQuotesAsTheKernelDoes) {
    EXPECT_EQ(parsed(R"(dyndbg="file a.c +p" x)"),
              (Parameters{{"dyndbg", "file a.c +p"}, {"x", std::nullopt}}));
    EXPECT_EQ(parsed(R"("dyndbg=file a.c +p" x)"),
              (Parameters{{"dyndbg", "file a.c +p"}, {"x", std::nullopt}}));
    EXPECT_EQ(parsed(R"(a=b" c"d)"), (Parameters{{"a", R"(b" c"d)"}}));
    EXPECT_EQ(parsed(R"("two words")"), (Parameters{{"two words", std::nullopt}}));
}

TEST(KernelCommandLine, LetsAnUnclosedQuoteReachToTheEnd) {
    EXPECT_EQ(parsed(R"(a="b force_mode=4)"), (Parameters{{"a", "b force_mode=4"}}));
    EXPECT_EQ(parsed("\""), (Parameters{{"", std::nullopt}}));
    EXPECT_EQ(parsed(R"(a=")"), (Parameters{{"a", ""}}));
}

TEST(KernelCommandLine, LetsALaterWordOverrideAnEarlierOne) {
    const KernelCommandLine line("rescue_mode=2 rescue_mode=5");
    EXPECT_EQ(line.value("rescue_mode"), "5");
}

TEST(KernelCommandLine, TakesMinusAndUnderlineInANameForTheSame) {
    const KernelCommandLine line("rescue-mode=2 dont-reboot");
    EXPECT_EQ(line.value("rescue_mode"), "2");
    EXPECT_TRUE(line.has("dont_reboot"));
}

TEST(KernelCommandLine, KnowsABareNameFromAValue) {
    const KernelCommandLine line("dont_reboot empty=");
    EXPECT_TRUE(line.has("dont_reboot"));
    EXPECT_EQ(line.value("dont_reboot"), std::nullopt);
    EXPECT_EQ(line.value("empty"), "");
    EXPECT_FALSE(line.has("dont"));
    EXPECT_FALSE(line.has("dont_reboot_"));
}

TEST(KernelCommandLine, LeavesInitItsOwnArguments) {
    EXPECT_EQ(parsed("quiet -- force_mode=4"), (Parameters{{"quiet", std::nullopt}}));
    EXPECT_EQ(parsed("--x y"), (Parameters{{"--x", std::nullopt}, {"y", std::nullopt}}));
}

TEST(KernelCommandLine, EndsAtANulByteAndSurvivesAnyOther) {
    EXPECT_EQ(parsed(std::string_view("a=1\0b=2", 7)), (Parameters{{"a", "1"}}));
    std::string all;
    for (int byte = 1; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    EXPECT_TRUE(KernelCommandLine(all + "\" force_mode=4").has("force_mode"));
}

}  // namespace
}  // namespace mox::boot
