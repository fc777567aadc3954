#include <gtest/gtest.h>

#include "config/environment_text.hpp"

namespace mox::config {
namespace {

TEST(EnvironmentText, HoldsOneVariableALineAsItStands) {
    const auto variables = parse_environment_text(
        "# the defaults\n"
        "bootcmd=run a; if test \"$x\" = y; then run b; fi\n"
        "\n"
        "empty=\n"
        "  blank =  kept \n"
        "last=1");
    const Variables expected{{"bootcmd", "run a; if test \"$x\" = y; then run b; fi"},
                             {"empty", ""},
                             {"  blank ", "  kept "},
                             {"last", "1"}};
    EXPECT_EQ(variables, expected);
}

TEST(EnvironmentText, GoesOnInTheNextLineAfterABackslash) {
    EXPECT_EQ(parse_environment_text("a=1\\\n#2\\\n3\nb=4\n"), (Variables{{"a", "1\n#2\n3"}, {"b", "4"}}));
    EXPECT_EQ(parse_environment_text("a=1\\"), (Variables{{"a", "1\\"}}));
}

TEST(EnvironmentText, PassesOverWhatIsNoVariable) {
    EXPECT_TRUE(parse_environment_text("").empty());
    EXPECT_TRUE(parse_environment_text("novalue\n=noname\n#a=b\n").empty());
    EXPECT_EQ(parse_environment_text("a=1\na=2\n"), (Variables{{"a", "2"}}));
}

}  // namespace
}  // namespace mox::config
