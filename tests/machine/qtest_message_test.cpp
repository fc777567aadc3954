#include "machine/qtest_message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace mox::machine_test {
namespace {

TEST(QtestMessage, InterruptLinesRiseAndFall) {
    const auto rise = parse_qtest("IRQ raise 1");
    ASSERT_TRUE(rise);
    EXPECT_EQ(std::get<QtestLine>(*rise).number, 1);
    EXPECT_TRUE(std::get<QtestLine>(*rise).high);
    const auto fall = parse_qtest("IRQ lower 7");
    ASSERT_TRUE(fall);
    EXPECT_EQ(std::get<QtestLine>(*fall).number, 7);
    EXPECT_FALSE(std::get<QtestLine>(*fall).high);
}

TEST(QtestMessage, RepliesAreGoodOrBad) {
    EXPECT_TRUE(std::get<QtestReply>(*parse_qtest("OK")).ok);
    EXPECT_EQ(std::get<QtestReply>(*parse_qtest("OK 0x10")).text, "0x10");
    EXPECT_FALSE(std::get<QtestReply>(*parse_qtest("FAIL Unknown device")).ok);
    EXPECT_NE(std::get<QtestReply>(*parse_qtest("FAIL Unknown device")).text.find("Unknown device"),
              std::string::npos);
}

TEST(QtestMessage, AnythingElseIsNoQtest) {
    for (const auto* line : {"", "IRQ", "IRQ raise", "IRQ raise x", "IRQ lower 1 2", "OKAY", "hello"})
        EXPECT_FALSE(parse_qtest(line)) << line;
}

TEST(QtestMessage, CommandsNameTheDeviceByItsPath) {
    EXPECT_EQ(intercept_outputs_command("/machine/unattached/device[7]"),
              "irq_intercept_out /machine/unattached/device[7]");
    EXPECT_EQ(set_input_command("/a", 4, true), "set_irq_in /a unnamed-gpio-in 4 1");
    EXPECT_EQ(set_input_command("/a", 4, false), "set_irq_in /a unnamed-gpio-in 4 0");
}

}  // namespace
}  // namespace mox::machine_test
