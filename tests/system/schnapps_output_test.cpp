// What `schnapps list` prints, byte by byte: scripts and the web interface have parsed it for years. The
// golden files are in golden/; a hostile card is shown escaped in every format.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

class SchnappsOutput : public testing::Test {
protected:
    void add(const std::string& number, const std::string& info) {
        must(storage::snapshot_subvolume(card_.top().directory(), "@", "@" + number,
                                         storage::Access::read_only));
        write_file(card_ / (number + ".info"), info);
    }

    void add_ordinary_ones() {
        add("1",
            "TYPE=\"single\"\nDESCRIPTION=\"User created snapshot\"\n"
            "CREATED=\"2026-11-22 15:24:44 +0000\"\n");
        add("2",
            "TYPE=\"pre\"\nDESCRIPTION=\"Automatic pre-update snapshot (TurrisOS 7.2.3 - hbs)\"\n"
            "CREATED=\"2026-11-23 03:00:00 +0100\"\n");
        add("3", "TYPE=\"post\"\nDESCRIPTION=\"one, two, three\"\nCREATED=\"2026-11-23 03:01:00 +0100\"\n");
        add("1234",
            "TYPE=\"rollback\"\nDESCRIPTION=\"Rollback to snapshot 3\"\nROLL_TO=3\n"
            "CREATED=\"2026-12-01 00:00:00 +0000\"\n");
    }

    void add_hostile_ones() {
        add("1",
            "TYPE=\"single\"\nDESCRIPTION=\"$(touch /tmp/pwned) `reboot`\"\n"
            "CREATED=\"2026-11-22 15:24:44 +0000\"\n");
        add("2",
            "TYPE=\"time\"\nDESCRIPTION='red \x1b[31m, \"quoted\" \xff\xfe tab\there'\n"
            "CREATED='\x1b]0;title\x07'\n");
        fs::create_symlink("/etc", card_ / "@7");
        write_file(card_ / "7.info", "TYPE=\"save\"\nCREATED=\"2026-11-22 15:24:44 +0000\"\n");
    }

    void expect_golden(const std::vector<std::string>& arguments, const std::string& name) {
        const auto said = schnapps(card_.node().native(), arguments);
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        const auto golden = fs::path(SCHNAPPS_GOLDEN) / name;
        if (std::getenv("MOX_UPDATE_GOLDEN") != nullptr) write_file(golden, said.out);
        EXPECT_EQ(said.out, read_file(golden)) << said.err;
    }

    SnapshotsCard card_;
};

TEST_F(SchnappsOutput, TableJsonAndCsvAreWhatScriptsParse) {
    add_ordinary_ones();
    expect_golden({"list"}, "list.table");
    expect_golden({"list", "-j"}, "list.json");
    expect_golden({"list", "-c"}, "list.csv");
    expect_golden({"list", "--json"}, "list-full.json");
}

TEST_F(SchnappsOutput, AnEmptyListHasItsHeaderAlone) {
    expect_golden({"list"}, "list-empty.table");
    expect_golden({"list", "-j"}, "list-empty.json");
    expect_golden({"list", "-c"}, "list-empty.csv");
}

TEST_F(SchnappsOutput, HostileInfoFilesAreShownEscapedInEveryFormatAndNeverExecuted) {
    add_hostile_ones();
    ASSERT_FALSE(fs::exists("/tmp/pwned")) << "left over by something else; remove it";
    expect_golden({"list"}, "list-hostile.table");
    expect_golden({"list", "-j"}, "list-hostile.json");
    expect_golden({"list", "-c"}, "list-hostile.csv");
    expect_golden({"list", "--json"}, "list-hostile-full.json");
    EXPECT_FALSE(fs::exists("/tmp/pwned"));
    for (const std::string format : {"-j", "-c", "--json"}) {
        const auto said = schnapps(card_.node().native(), {"list", format});
        for (const char c : said.out + said.err)
            ASSERT_TRUE(c == '\n' || (c >= ' ' && c < '\x7f')) << "byte " << static_cast<int>(c);
    }
}

}  // namespace
}  // namespace mox::test_support
