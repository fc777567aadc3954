#include "board/board_file.hpp"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "board/this_board.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using namespace std::string_view_literals;
using test_support::TemporaryDirectory;
using test_support::write_file;

constexpr auto own_box = R"(# A fork's router: a MOX with another case.
LIKE="cznic,turris-mox"
NAME="Own Box"
COMPATIBLE="example,own-box"
LEDS="box:green:status status"
BUTTON_KEYS="408 256"
MEDKIT_PREFIX=own-box
BOOT_FILES="boot/Image|boot/zImage boot/own-box.dtb boot/boot.scr"
SIGNATURES_REQUIRED=yes
MEDKIT_URL=https://medkits.example.org/own-box
FALLBACK_NAME_SERVERS=
)"sv;

std::string mistake_in(std::string_view text) {
    const auto board = parse_board_file(text);
    return board ? "" : board.error().describe();
}

/// A root directory with a device tree and board files.
struct Root {
    TemporaryDirectory directory;

    explicit Root(std::string_view compatible) {
        write_file(directory / "proc/device-tree/compatible", std::string(compatible));
    }

    void add_board(const std::string& name, std::string_view text) const {
        write_file(directory / std::string(board_files_directory) / name, std::string(text));
    }
};

TEST(BoardFile, ReplacesWhatItNamesAndKeepsTheRestOfTheBoardThatItIsLike) {
    const auto board = parse_board_file(own_box);
    ASSERT_TRUE(board.has_value()) << board.error().describe();
    EXPECT_EQ(board->name, "Own Box");
    EXPECT_EQ(board->compatible, "example,own-box");
    EXPECT_EQ(board->led_names, (std::vector<std::string>{"box:green:status", "status"}));
    EXPECT_EQ(board->button_keys, (std::vector<unsigned>{KEY_RESTART, BTN_0}));
    EXPECT_EQ(board->medkit_prefix, "own-box");
    EXPECT_EQ(board->boot_files,
              (std::vector<std::vector<std::string>>{
                  {"boot/Image", "boot/zImage"}, {"boot/own-box.dtb"}, {"boot/boot.scr"}}));
    EXPECT_TRUE(board->signatures_required);
    EXPECT_TRUE(board->fallback_name_servers.empty());
    EXPECT_EQ(board->start_rescue, turris_mox().start_rescue);
    EXPECT_EQ(board->sysrq_trigger, turris_mox().sysrq_trigger);
}

// Every field has a key: what is written for the MOX is read as the MOX, without LIKE.
TEST(BoardFile, OfTheMoxIsTheMox) {
    const auto text = format_board_file(turris_mox());
    const auto board = parse_board_file(text);
    ASSERT_TRUE(board.has_value()) << board.error().describe();
    EXPECT_EQ(*board, turris_mox()) << text;
}

TEST(BoardFile, NeedsEveryKeyWithoutADefault) {
    const auto whole = format_board_file(turris_mox());
    const std::vector<std::string> optional{"INSTALLED_ROOT_DEVICE", "SYSRQ_TRIGGER", "SIGNATURES_REQUIRED",
                                            "TLS_STRICT", "FALLBACK_NAME_SERVERS"};
    std::size_t required = 0;
    for (std::size_t start = 0; start < whole.size();) {
        const auto end = whole.find('\n', start) + 1;
        const auto key = whole.substr(start, whole.find('=', start) - start);
        auto without = whole;
        without.erase(start, end - start);
        start = end;
        if (std::ranges::find(optional, key) != optional.end()) {
            EXPECT_EQ(mistake_in(without), "") << key;
            continue;
        }
        ++required;
        EXPECT_TRUE(mistake_in(without).contains(key + " is missing")) << key << ": " << mistake_in(without);
    }
    EXPECT_EQ(required, 17U);
}

TEST(BoardFile, WithMistakesIsRefusedAndAllAreNamed) {
    const auto text = mistake_in(
        "LIKE=cznic,turris-mox\nLED=red\nBUTTON_KEYS=KEY_RESTART\nMEDKIT_PREFIX='Own Box'\nTLS_STRICT=maybe\n"
        "NAME=a\nNAME=b\nWATCHDOG=watchdog0\nMEDKIT_URL=http://example.org\nLARGEST_RESCUE_IMAGE=6M\n"
        "BOOT_FILES=/boot/Image\nCOMPATIBLE='a b'\nCONSOLE=\"open\n");
    for (const auto* part :
         {"LED: there is no such key", "BUTTON_KEYS: \"KEY_RESTART\" is not a list of key codes",
          "MEDKIT_PREFIX: \"Own Box\" has other characters", "TLS_STRICT: \"maybe\" is neither yes nor no",
          "NAME is there twice", "WATCHDOG: \"watchdog0\" is not a path that starts with /",
          "MEDKIT_URL: \"http://example.org\" does not start with https://HOST",
          "LARGEST_RESCUE_IMAGE: \"6M\" is not a number of bytes",
          "BOOT_FILES: \"/boot/Image\" is not a list", "COMPATIBLE: \"a b\" is not one entry",
          "line 13: a quote is not closed", "; correct the file (a value with blanks needs quotes",
          "; docs/boards.md explains it"})
        EXPECT_TRUE(text.contains(part)) << part << " in " << text;
}

// What an integrator has typed, one value at a time.
TEST(BoardFile, RefusesWhatTheTableDoesNotAllow) {
    for (const auto* line :
         {"CARD_CONTROLLER=d00d8000", "CARD_CONTROLLER=/sys/d00d8000.", "PORT_CONTROLLER=eth0",
          "CONSOLE=/dev/ttyS0", "CONSOLE=", "LEDS=/sys/class/leds/red", "LEDS='red /green'",
          "LEDS=", "FALLBACK_NAME_SERVERS=dns.example.org", "FALLBACK_NAME_SERVERS='193.17.47.1 ::1'",
          "MEDKIT_URL=https://", "MEDKIT_URL=https://x.example.org/mox-medkit-latest.tar.gz", "BUTTON_KEYS=0",
          "BUTTON_KEYS=", "LARGEST_RESCUE_IMAGE=0", "NAME=Own Box"})
        EXPECT_NE(mistake_in("LIKE=cznic,turris-mox\n" + std::string(line) + "\n"), "") << line;
    for (const auto* line : {"CARD_CONTROLLER=d00d8000.mmc", "LEDS='red box:green:status'", "CONSOLE=ttyS0",
                             "FALLBACK_NAME_SERVERS='193.17.47.1 185.43.135.1'",
                             "MEDKIT_URL=https://x.example.org/own-box/", "NAME='Own Box'"})
        EXPECT_EQ(mistake_in("LIKE=cznic,turris-mox\n" + std::string(line) + "\n"), "") << line;
}

TEST(BoardFile, IsLikeABuiltInBoardOnly) {
    EXPECT_TRUE(mistake_in("LIKE=example,none").contains("LIKE: \"example,none\" is not a built-in board"));
}

TEST(BoardFile, HoldsTheBootScriptAmongTheBootFiles) {
    EXPECT_TRUE(mistake_in("LIKE=cznic,turris-mox\nBOOT_SCRIPT=boot/other.scr\n")
                    .contains("BOOT_FILES does not have BOOT_SCRIPT, boot/other.scr"));
    EXPECT_TRUE(mistake_in("LIKE=cznic,turris-mox\nBOOT_FILES=boot/../../Image\n").contains("BOOT_FILES"));
}

// A fork puts its files there; what the image gets is checked before it is on a router.
TEST(BoardFile, OfTheImageIsRight) {
    for (const auto& entry : std::filesystem::directory_iterator(MOX_PROJECT_DIR "/image/boards")) {
        if (entry.path().extension() != ".conf") continue;
        const auto board = read_board_file(entry.path());
        EXPECT_TRUE(board.has_value()) << board.error().describe();
    }
}

TEST(ThisBoard, IsThatOfAFileOrABuiltInOneOrNone) {
    const Root root("example,own-box\0marvell,armada3720\0"sv);
    EXPECT_EQ(this_board(root.directory.path()), std::nullopt);
    EXPECT_EQ(this_board_or_mox(root.directory.path()).board, turris_mox());
    root.add_board("own-box.conf", own_box);
    root.add_board("notes.txt", "not a board");
    root.add_board(".own-box.conf.swp", "an editor's file");
    ASSERT_TRUE(this_board(root.directory.path()).value().has_value());
    EXPECT_EQ(this_board(root.directory.path()).value()->name, "Own Box");
    const auto found = this_board_or_mox(root.directory.path());
    EXPECT_TRUE(found.is_known);
    EXPECT_EQ(found.board.name, "Own Box");

    const TemporaryDirectory pc;
    EXPECT_EQ(this_board(pc.path()), std::nullopt);
}

// A fork that only wants signatures changes one value of the MOX.
TEST(ThisBoard, AFileComesBeforeTheBuiltInBoardOfTheSameName) {
    const Root root("cznic,turris-mox\0"sv);
    root.add_board("mox.conf", "LIKE=cznic,turris-mox\nSIGNATURES_REQUIRED=yes\n");
    const auto board = this_board(root.directory.path()).value();
    ASSERT_TRUE(board.has_value());
    EXPECT_TRUE(board->signatures_required);
    EXPECT_EQ(board->name, "Turris MOX");
}

// A router must start in any case; the other programs say what is wrong.
TEST(ThisBoard, WithAWrongFileIsAnErrorAndTheMoxWhereAProgramMustStart) {
    const Root root("example,own-box\0"sv);
    root.add_board("own-box.conf", "LIKE=cznic,turris-mox\nLED=red\n");
    const auto board = this_board(root.directory.path());
    ASSERT_FALSE(board.has_value());
    EXPECT_TRUE(board.error().describe().contains("boards/own-box.conf: LED: there is no such key"))
        << board.error().describe();
    const auto found = this_board_or_mox(root.directory.path());
    EXPECT_FALSE(found.is_known);
    EXPECT_TRUE(found.wrong_file.has_value());
    EXPECT_EQ(found.board, turris_mox());
    EXPECT_EQ(sysrq_trigger(root.directory.path()), "");
}

TEST(SysrqTrigger, IsThatOfTheBoardAndNoneOnAPc) {
    const TemporaryDirectory root;
    EXPECT_EQ(sysrq_trigger(root.path()), "");
    const auto compatible = root / "proc/device-tree/compatible";
    write_file(compatible, std::string("marvell,armada3720\0"sv));
    EXPECT_EQ(sysrq_trigger(root.path()), "");
    write_file(compatible, std::string("cznic,turris-mox\0marvell,armada3720\0"sv));
    EXPECT_EQ(sysrq_trigger(root.path()), root / "proc/sysrq-trigger");
}

}  // namespace
}  // namespace mox::board
