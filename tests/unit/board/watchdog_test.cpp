#include "board/watchdog.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using namespace std::chrono_literals;

TEST(Watchdog, IsFedWithABytePerMealAndNeverStopped) {
    const test_support::TemporaryDirectory folder;
    const auto node = folder.path() / "watchdog0";
    std::ofstream(node).flush();
    {
        auto watchdog = Watchdog::open(node, 30s);
        ASSERT_TRUE(watchdog.has_value()) << watchdog.error().describe();
        // A plain file knows no timeouts.
        EXPECT_EQ(watchdog->timeout(), std::nullopt);
        ASSERT_TRUE(watchdog->feed().has_value());
        ASSERT_TRUE(watchdog->feed().has_value());
    }
    const auto meals = read_small_file(node, ErrorKind::internal);
    ASSERT_TRUE(meals.has_value());
    EXPECT_EQ(meals->size(), 2U);
    EXPECT_EQ(meals->find('V'), std::string::npos) << "V is the magic that stops it";
}

TEST(Watchdog, ThatIsNotThereIsNamed) {
    const auto none = Watchdog::open("/dev/nosuchwatchdog", 30s);
    ASSERT_FALSE(none.has_value());
    EXPECT_NE(none.error().describe().find("watchdog: /dev/nosuchwatchdog"), std::string::npos);
}

}  // namespace
}  // namespace mox::board
