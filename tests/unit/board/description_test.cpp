#include <gtest/gtest.h>
#include <linux/input-event-codes.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "board/description.hpp"

namespace mox::board {
namespace {

using namespace std::string_view_literals;

std::optional<Description> built_in(std::string_view compatible) {
    return board_for(compatible, built_in_boards());
}

TEST(BoardDescription, IsPickedByTheDeviceTreeOfAMox) {
    const auto board = built_in("cznic,turris-mox\0marvell,armada3720\0marvell,armada3710\0"sv);
    ASSERT_TRUE(board.has_value());
    EXPECT_EQ(board->name, "Turris MOX");
    EXPECT_EQ(board->led_names, (std::vector<std::string>{"mox:red:activity", "red:activity", "red"}));
    EXPECT_EQ(board->button_keys, (std::vector<unsigned>{KEY_RESTART, BTN_0}));
    EXPECT_EQ(board->card_controller, "d00d8000.");
}

TEST(BoardDescription, IsPickedByALaterEntryOfARelative) {
    EXPECT_TRUE(built_in("cznic,turris-mox-next\0cznic,turris-mox\0"sv).has_value());
    EXPECT_TRUE(built_in("cznic,turris-mox"sv).has_value());
}

TEST(BoardDescription, TheMoxsRescueImageFillsItsPartitionAtMost) {
    EXPECT_EQ(turris_mox().largest_rescue_image, Bytes{6684672});
}

TEST(BoardDescription, IsNothingForOtherBoardsAndForGarbage) {
    EXPECT_FALSE(built_in(""sv).has_value());
    EXPECT_FALSE(built_in("\0\0\0"sv).has_value());
    EXPECT_FALSE(built_in("marvell,armada3720\0"sv).has_value());
    EXPECT_FALSE(built_in("cznic,turris-mo\0x"sv).has_value());
    EXPECT_FALSE(built_in("xcznic,turris-mox\0"sv).has_value());
    EXPECT_FALSE(built_in("cznic,turris-moxx\0"sv).has_value());
}

}  // namespace
}  // namespace mox::board
