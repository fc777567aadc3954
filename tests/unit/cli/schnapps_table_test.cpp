// What `schnapps list` and `--json` print, without a card.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/schnapps/json.hpp"
#include "cli/schnapps/table.hpp"

namespace mox::cli::schnapps {
namespace {

using snapshots::Snapshot;
using snapshots::SnapshotType;

Snapshot snapshot(std::uint32_t number, SnapshotType type, const std::string& description) {
    return {.number = {number},
            .type = type,
            .description = description,
            .created = "2026-11-22 15:24:44 +0000",
            .roll_to = {},
            .damage = {},
            .info_warning = {}};
}

std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of('\n');
    return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

const Sizes sizes{{{1}, {.referenced = Bytes{1 << 20}, .exclusive = Bytes{16 << 10}}}};

TEST(SchnappsTable, HasTwoHeaderLinesAndFixedWidths) {
    EXPECT_EQ(
        table_of({snapshot(1, SnapshotType::single, "first")}, sizes),
        "   # | Type      | Size        | Date                      | Description\n"
        "-----+-----------+-------------+---------------------------+------------------------------------\n"
        "   1 | single    |    16.00KiB | 2026-11-22 15:24:44 +0000 | first\n");
}

TEST(SchnappsTable, ALargeNumberMovesItsLineAndIsNotCut) {
    EXPECT_EQ(last_line(table_of({snapshot(123456, SnapshotType::time, "x")}, {})),
              "123456 | time      |             | 2026-11-22 15:24:44 +0000 | x");
}

TEST(SchnappsTable, ADamagedSnapshotSaysWhy) {
    auto damaged = snapshot(3, SnapshotType::single, "whatever");
    damaged.damage = "@3 is a file, not a snapshot";
    EXPECT_TRUE(table_of({damaged}, {}).ends_with("| (damaged: @3 is a file, not a snapshot)\n"));
}

TEST(SchnappsTable, ControlCharactersNeverReachTheTerminal) {
    const auto hostile = snapshot(1, SnapshotType::single, "\x1b[2J\n   2 | single\xff");
    EXPECT_TRUE(table_of({hostile}, {}).ends_with("| \\x1b[2J\\n   2 | single\\xff\n"));
    EXPECT_TRUE(csv_of({hostile}, {}).ends_with(",\\x1b[2J\\n   2 | single\\xff\n"));
}

TEST(SchnappsCsv, QuotesWhatNeedsQuotes) {
    EXPECT_EQ(last_line(csv_of({snapshot(1, SnapshotType::pre, "a, \"b\"")}, sizes)),
              "1,pre,16.00KiB,2026-11-22 15:24:44 +0000,\"a, \"\"b\"\"\"");
    EXPECT_EQ(last_line(csv_of({snapshot(1, SnapshotType::pre, "plain")}, {})),
              "1,pre,,2026-11-22 15:24:44 +0000,plain");
}

TEST(SchnappsJson, TheListForTheWebInterfaceHasExactlyFiveKeysAndAnIntegerNumber) {
    EXPECT_EQ(parsed_list_json({snapshot(1, SnapshotType::single, "say \"hi\"")}, sizes),
              "{\n"
              "  \"snapshots\": [\n"
              "    {\n"
              "      \"number\": 1,\n"
              "      \"type\": \"single\",\n"
              "      \"size\": \"16.00KiB\",\n"
              "      \"created\": \"2026-11-22 15:24:44 +0000\",\n"
              "      \"description\": \"say \\\"hi\\\"\"\n"
              "    }\n"
              "  ]\n"
              "}\n");
}

TEST(SchnappsJson, SizesAreBytesAndRollToIsANumberOrFactory) {
    auto rollback = snapshot(1, SnapshotType::rollback, "");
    rollback.roll_to = snapshots::Number{7};
    const auto json = full_list_json({rollback}, sizes, true);
    EXPECT_TRUE(json.contains("\"factory\": true")) << json;
    EXPECT_TRUE(json.contains("\"roll_to\": 7")) << json;
    EXPECT_TRUE(json.contains("\"size\": 16384")) << json;
    EXPECT_TRUE(json.contains("\"referenced\": 1048576")) << json;
    rollback.roll_to = snapshots::Factory{};
    EXPECT_TRUE(snapshot_json(rollback).contains("\"roll_to\": \"factory\"")) << snapshot_json(rollback);
}

TEST(SchnappsJson, ContentOfFilesIsPassedOnAndNamesAreEscaped) {
    const auto json = json_of({{"diff", Verbatim{"a\tb\n"}}, {"name", std::string("a\tb")}, {"none", {}}});
    EXPECT_EQ(json, "{\n  \"diff\": \"a\\tb\\n\",\n  \"name\": \"a\\\\tb\",\n  \"none\": null\n}\n");
}

TEST(SchnappsJson, AComparisonNamesPathsAndWhatDiffers) {
    const snapshots::Comparison comparison{.changes = {{.path = "etc/hosts",
                                                        .kind = snapshots::ChangeKind::changed,
                                                        .differences = {.content = true, .mode = true}},
                                                       {.path = "new", .kind = snapshots::ChangeKind::added}},
                                           .method = snapshots::CompareMethod::walk};
    const auto json = comparison_json("@1", "@", comparison);
    EXPECT_TRUE(json.contains("\"path\": \"/etc/hosts\"")) << json;
    EXPECT_TRUE(json.contains("\"content\",\n        \"mode\"")) << json;
    EXPECT_TRUE(json.contains("\"change\": \"added\"")) << json;
}

}  // namespace
}  // namespace mox::cli::schnapps
