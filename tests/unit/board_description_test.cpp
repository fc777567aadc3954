#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <string>
#include <string_view>
#include <vector>

#include "board/description.hpp"

namespace mox::board {
namespace {

using namespace std::string_view_literals;

TEST(BoardDescription, IsPickedByTheDeviceTreeOfAMox) {
    const auto board = board_for("cznic,turris-mox\0marvell,armada3720\0marvell,armada3710\0"sv);
    ASSERT_TRUE(board.has_value());
    EXPECT_EQ(board->name, "Turris MOX");
    EXPECT_EQ(board->led_names, (std::vector<std::string>{"mox:red:activity", "red"}));
    EXPECT_EQ(board->button_keys, (std::vector<unsigned>{KEY_RESTART, BTN_0}));
    EXPECT_EQ(board->card_controller, "d00d8000.sdhci");
}

TEST(BoardDescription, IsPickedByALaterEntryOfARelative) {
    EXPECT_TRUE(board_for("cznic,turris-mox-next\0cznic,turris-mox\0"sv).has_value());
    EXPECT_TRUE(board_for("cznic,turris-mox"sv).has_value());
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
