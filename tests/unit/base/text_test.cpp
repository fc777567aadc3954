#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mox {
namespace {

TEST(Text, TrimmedHasNoBlanksAtItsEnds) {
    EXPECT_EQ(trimmed("  a b\t\r"), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t"), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed(" a\n"), "a\n");
    EXPECT_EQ(trimmed(" a\n", " \n"), "a");
}

TEST(Text, TakesTheTextBeforeASeparator) {
    std::string_view text = "a,,b";
    EXPECT_EQ(take_until(text, ','), "a");
    EXPECT_EQ(take_until(text, ','), "");
    EXPECT_EQ(take_until(text, ','), "b");
    EXPECT_EQ(text, "");
    EXPECT_EQ(take_until(text, ','), "");
}

TEST(Text, TakesLinesOfBothKinds) {
    std::string_view text = "one\r\n\ntwo\r\r\nthree\r";
    EXPECT_EQ(take_line(text), "one");
    EXPECT_EQ(take_line(text), "");
    EXPECT_EQ(take_line(text), "two\r");
    EXPECT_EQ(take_line(text), "three");
    EXPECT_EQ(text, "");
}

TEST(Text, WholeNumberIsNothingElse) {
    EXPECT_EQ(whole_number<unsigned>("0"), 0U);
    EXPECT_EQ(whole_number<unsigned>("007"), 7U);
    EXPECT_EQ(whole_number<int>("-3"), -3);
    for (const auto* text : {"", "x", "1x", " 1", "1 ", "+1", "-1", "1.5"})
        EXPECT_FALSE(whole_number<unsigned>(text)) << '"' << text << '"';
    EXPECT_EQ(whole_number<std::uint8_t>("255"), 255);
    EXPECT_FALSE(whole_number<std::uint8_t>("256"));
}

TEST(Text, JoinsWords) {
    EXPECT_EQ(joined(std::vector<std::string>{}, ", "), "");
    EXPECT_EQ(joined(std::vector<std::string>{"a"}, ", "), "a");
    EXPECT_EQ(joined(std::vector<std::string>{"a", "b", "c"}, " or "), "a or b or c");
    EXPECT_EQ(joined(std::vector{1, 2}, ", ", [](int number) { return std::to_string(number); }), "1, 2");
}

}  // namespace
}  // namespace mox
