#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "snapshots/description.hpp"
#include "snapshots/info_file.hpp"
#include "snapshots/snapshot.hpp"

namespace {

using namespace mox::snapshots;
using namespace std::chrono_literals;

TEST(SnapshotNames, ANumberIsDecimalWithoutLeadingZerosAndFitsNineDigits) {
    EXPECT_EQ(number_named("1"), Number{1});
    EXPECT_EQ(number_named("999999999"), highest_number);
    for (const char* text :
         {"", "0", "007", "-1", "+1", " 1", "1 ", "1x", "1000000000", "4294967297", "3; reboot"})
        EXPECT_FALSE(number_named(text)) << text;
}

TEST(SnapshotNames, OnlyNumberedSubvolumesAreSnapshots) {
    EXPECT_EQ(number_of_subvolume("@12"), Number{12});
    for (const char* name : {"@", "@factory", "@012", "@3.new", "@create.new", "@delete.3", "12", "@-1"})
        EXPECT_FALSE(number_of_subvolume(name)) << name;
    EXPECT_EQ(number_of_info_file("12.info"), Number{12});
    for (const char* name : {".info", "12.info.new", "@12.info", "savepoint.info", "012.info"})
        EXPECT_FALSE(number_of_info_file(name)) << name;
}

TEST(SnapshotNames, TargetsAreNumbersOrFactory) {
    EXPECT_EQ(target_named("3"), Target(Number{3}));
    EXPECT_EQ(target_named("factory"), Target(Factory{}));
    EXPECT_FALSE(target_named("Factory"));
    EXPECT_EQ(subvolume_of(Number{3}), "@3");
    EXPECT_EQ(subvolume_of(Factory{}), "@factory");
}

Snapshot numbered(std::uint32_t number, std::string damage = {}) {
    Snapshot snapshot;
    snapshot.number = {number};
    snapshot.damage = std::move(damage);
    return snapshot;
}

TEST(SnapshotNames, WhatExistsReadsLikeASentence) {
    EXPECT_EQ(what_exists({numbered(1), numbered(2), numbered(4, "gone")}, true),
              "snapshots 1, 2 and factory");
    EXPECT_EQ(what_exists({numbered(7)}, false), "only snapshot 7");
    EXPECT_EQ(what_exists({numbered(4, "gone")}, true), "only factory");
    EXPECT_EQ(what_exists({numbered(4, "gone")}, false), "no snapshots at all");
}

TEST(InfoFile, ReadsWhatRoutersInTheFieldHaveWritten) {
    const auto info = parse_info(
        "TYPE=\"rollback\"\n"
        "DESCRIPTION=\"Rollback to snapshot 3\"\n"
        "ROLL_TO=3\n"
        "CREATED=\"2026-11-22 15:24:44 +0000\"\n");
    EXPECT_EQ(info.type, SnapshotType::rollback);
    EXPECT_EQ(info.description, "Rollback to snapshot 3");
    EXPECT_EQ(info.roll_to, Target(Number{3}));
    EXPECT_EQ(info.created, "2026-11-22 15:24:44 +0000");
    EXPECT_EQ(info.warning, "");
}

TEST(InfoFile, AnEmptyOneIsOfTypeSingle) {
    const auto info = parse_info("");
    EXPECT_EQ(info.type, SnapshotType::single);
    EXPECT_EQ(info.warning, "");
}

TEST(InfoFile, UnderstandsAllQuotesOfAShell) {
    EXPECT_EQ(parse_info("DESCRIPTION='single quoted'").description, "single quoted");
    EXPECT_EQ(parse_info("DESCRIPTION=bare\r\n").description, "bare");
    EXPECT_EQ(parse_info(R"(DESCRIPTION=joined" of "'parts')").description, "joined of parts");
    EXPECT_EQ(parse_info(R"(DESCRIPTION="a \"quote\" and a \\ and a \n")").description,
              R"(a "quote" and a \ and a \n)");
    EXPECT_EQ(parse_info("  DESCRIPTION=indented  # with a comment").description, "indented");
    EXPECT_EQ(parse_info("# DESCRIPTION=no\n\nDESCRIPTION=yes").description, "yes");
    EXPECT_EQ(parse_info("TYPE=time\nTYPE=pre").type, SnapshotType::pre);
}

TEST(InfoFile, ShellCodeIsTextAndIsTold) {
    const auto info = parse_info("DESCRIPTION=\"$(touch /tmp/owned) `reboot`\"\nTYPE=pre; reboot\nreboot\n");
    EXPECT_EQ(info.description, "$(touch /tmp/owned) `reboot`");
    EXPECT_EQ(info.type, SnapshotType::pre);
    EXPECT_NE(info.warning.find("line 1"), std::string::npos) << info.warning;
    EXPECT_NE(info.warning.find("line 2"), std::string::npos) << info.warning;
    EXPECT_NE(info.warning.find("line 3"), std::string::npos) << info.warning;
}

TEST(InfoFile, AnOpenQuoteEndsWithItsLine) {
    const auto info = parse_info("DESCRIPTION=\"open\nTYPE=\"time\"\n");
    EXPECT_EQ(info.description, "open");
    EXPECT_EQ(info.type, SnapshotType::time);
    EXPECT_NE(info.warning, "");
}

TEST(InfoFile, WrongTypesAndTargetsAreToldAndIgnored) {
    const auto info = parse_info("TYPE=pre-update\nROLL_TO=../../etc\n");
    EXPECT_EQ(info.type, SnapshotType::single);
    EXPECT_FALSE(info.roll_to);
    EXPECT_NE(info.warning.find("unknown type"), std::string::npos);
    EXPECT_NE(info.warning.find("ROLL_TO"), std::string::npos);
}

TEST(InfoFile, EveryByteValueAnywhereIsSurvived) {
    std::string garbage;
    for (int round = 0; round < 40; ++round)
        for (int byte = 0; byte < 256; ++byte) garbage += static_cast<char>((byte * 7 + round) % 256);
    const auto info = parse_info(garbage);
    EXPECT_NE(info.warning, "");
    EXPECT_LT(info.warning.size(), 200U);
}

TEST(InfoFile, WhatIsWrittenIsReadBackAndHarmlessToAShell) {
    SnapshotInfo info{.type = SnapshotType::rollback,
                      .description = "back \"home\"; $(reboot) `x`\n",
                      .created = "2026-11-22 15:24:44 +0000",
                      .roll_to = Target(Factory{}),
                      .other = {{"NOTE", "it's $HOME"}},
                      .warning = {}};
    const auto text = format_info(info);
    EXPECT_EQ(text,
              "TYPE=\"rollback\"\n"
              "DESCRIPTION=\"back _home_; _(reboot) _x__\"\n"
              "ROLL_TO=factory\n"
              "CREATED=\"2026-11-22 15:24:44 +0000\"\n"
              "NOTE='it'\\''s $HOME'\n");
    const auto again = parse_info(text);
    EXPECT_EQ(again.roll_to, info.roll_to);
    EXPECT_EQ(again.other, info.other);
    EXPECT_EQ(again.warning, "");
}

TEST(InfoFile, ADateThatIsNoneIsNotWritten) {
    SnapshotInfo info;
    info.created = "2026\"; reboot; \"";
    EXPECT_EQ(format_info(info).find("CREATED"), std::string::npos);
}

TEST(InfoFile, DatesCarryTheirOffset) {
    const std::chrono::sys_seconds at(1'795'361'084s);
    EXPECT_EQ(created_text(at, 0min), "2026-11-22 15:24:44 +0000");
    EXPECT_EQ(created_text(at, 90min), "2026-11-22 16:54:44 +0130");
    EXPECT_EQ(created_text(at, -16h), "2026-11-21 23:24:44 -1600");
}

TEST(Description, IsStoredInTheAlphabetOfTheField) {
    EXPECT_EQ(sanitised_description("OK: a-Z 0.9,?!()/;<>"), "OK: a-Z 0.9,?!()/;<>");
    EXPECT_EQ(sanitised_description("\"'$`\\\n\t_*&|"), "___________");
    EXPECT_EQ(sanitised_description("é"), "__");
    EXPECT_EQ(sanitised_description(std::string(5000, 'a')).size(), longest_description);
}

TEST(Description, IsShownWithoutTouchingTheTerminal) {
    EXPECT_EQ(escaped_for_display("plain \"quotes\" žluťoučký 🐎"), "plain \"quotes\" žluťoučký 🐎");
    EXPECT_EQ(escaped_for_display("a\nb\tc\x1b[2J"), "a\\nb\\tc\\x1b[2J");
    EXPECT_EQ(escaped_for_display("\xff\xc0\x80\xed\xa0\x80"), "\\xff\\xc0\\x80\\xed\\xa0\\x80");
    EXPECT_EQ(escaped_for_display("\xc2\x9b\xe2\x80\xae"), "\\xc2\\x9b\\xe2\\x80\\xae");
    EXPECT_EQ(escaped_for_display("cut \xe2\x82"), "cut \\xe2\\x82");
    EXPECT_EQ(escaped_for_display(std::string_view("\0", 1)), "\\x00");
}

}  // namespace
