#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <string>
#include <string_view>
#include <vector>

#include "board/description.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using namespace std::string_view_literals;

TEST(BoardDescription, IsPickedByTheDeviceTreeOfAMox) {
    const auto board = board_for("cznic,turris-mox\0marvell,armada3720\0marvell,armada3710\0"sv);
    ASSERT_TRUE(board.has_value());
    EXPECT_EQ(board->name, "Turris MOX");
    EXPECT_EQ(board->led_names, (std::vector<std::string>{"mox:red:activity", "red:activity", "red"}));
    EXPECT_EQ(board->button_keys, (std::vector<unsigned>{KEY_RESTART, BTN_0}));
    EXPECT_EQ(board->card_controller, "d00d8000.");
}

TEST(BoardDescription, IsPickedByALaterEntryOfARelative) {
    EXPECT_TRUE(board_for("cznic,turris-mox-next\0cznic,turris-mox\0"sv).has_value());
    EXPECT_TRUE(board_for("cznic,turris-mox"sv).has_value());
}

TEST(BoardDescription, TheMoxsRescueImageFillsItsPartitionAtMost) {
    EXPECT_EQ(turris_mox().largest_rescue_image, Bytes{6684672});
}

TEST(BoardDescription, IsResetBySysrqOnAMoxAndNeverOnAPc) {
    const test_support::TemporaryDirectory root;
    EXPECT_EQ(sysrq_trigger(root.path()), "");
    const auto compatible = root / "proc/device-tree/compatible";
    test_support::write_file(compatible, std::string("marvell,armada3720\0"sv));
    EXPECT_EQ(sysrq_trigger(root.path()), "");
    test_support::write_file(compatible, std::string("cznic,turris-mox\0marvell,armada3720\0"sv));
    EXPECT_EQ(sysrq_trigger(root.path()), root / "proc/sysrq-trigger");
}

TEST(BoardDescription, IsNothingForOtherBoardsAndForGarbage) {
    EXPECT_FALSE(board_for(""sv).has_value());
    EXPECT_FALSE(board_for("\0\0\0"sv).has_value());
    EXPECT_FALSE(board_for("marvell,armada3720\0"sv).has_value());
    EXPECT_FALSE(board_for("cznic,turris-mo\0x"sv).has_value());
    EXPECT_FALSE(board_for("xcznic,turris-mox\0"sv).has_value());
    EXPECT_FALSE(board_for("cznic,turris-moxx\0"sv).has_value());
}

}  // namespace
}  // namespace mox::board
