#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "board/sysfs_led.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    return read_small_file(file, ErrorKind::internal).value();
}

struct FakeSysfs : testing::Test {
    fs::path add_led(const std::string& name, std::string_view max_brightness = "1\n") {
        const auto led = folder.path() / "class" / "leds" / name;
        fs::create_directories(led);
        for (const auto* file : {"trigger", "brightness", "delay_on", "delay_off"}) std::ofstream(led / file);
        std::ofstream(led / "max_brightness") << max_brightness;
        return led;
    }

    std::string found(const Description& board = turris_mox()) {
        auto led = find_led(board, folder.path());
        return led ? led->directory().filename().native() : "error: " + led.error().describe();
    }

    test_support::TemporaryDirectory folder;
};

using FindLed = FakeSysfs;
using SysfsLedTest = FakeSysfs;

TEST_F(FindLed, TakesTheFirstOfTheBoardsNames) {
    add_led("red");
    add_led("mmc0::");
    add_led("mox:red:activity");
    EXPECT_EQ(found(), "mox:red:activity");
}

// Labels are deprecated: a tree with colour and function instead makes this of them.
TEST_F(FindLed, MayBeNamedByColourAndFunction) {
    add_led("mmc0::");
    add_led("red:activity");
    add_led("red:status");
    EXPECT_EQ(found(), "red:activity");
}

TEST_F(FindLed, TakesTheNameOfOlderDeviceTrees) {
    add_led("mmc0::");
    add_led("red");
    add_led("omnia:red:power");
    EXPECT_EQ(found(), "red");
}

TEST_F(FindLed, TakesTheOnlyRedLedUnderAnyName) {
    for (const auto* name : {"mdio:green:port_1", "red:status", "infrared:remote", "lan:blue:red"})
        add_led(name);
    EXPECT_EQ(found(), "red:status");
}

TEST_F(FindLed, DoesNotGuessBetweenTwoRedLeds) {
    add_led("a:red:b");
    add_led("red:status");
    EXPECT_NE(found().find("not exactly one red LED; there are: a:red:b, red:status"), std::string::npos)
        << found();
}

TEST_F(FindLed, SaysWhatItLookedForWhenThereIsNone) {
    EXPECT_EQ(found(), "error: none of the LEDs of Turris MOX (mox:red:activity, red:activity, red) is in " +
                           (folder.path() / "class/leds").native() + ", nor any other");
}

TEST_F(SysfsLedTest, IsSteadyWithoutAnyTrigger) {
    const auto folder_of_led = add_led("red", "255\n");
    SysfsLed led(folder_of_led);
    ASSERT_TRUE(led.set(true).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "none");
    EXPECT_EQ(content(folder_of_led / "brightness"), "255");
    ASSERT_TRUE(led.set(false).has_value());
    EXPECT_EQ(content(folder_of_led / "brightness"), "0");
}

TEST_F(SysfsLedTest, BlinksByTheTimerTriggerAndIsSteadyAgainAfterwards) {
    const auto folder_of_led = add_led("red");
    SysfsLed led(folder_of_led);
    ASSERT_TRUE(led.set(true).has_value());
    ASSERT_TRUE(led.blink(500ms, 300ms).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "timer");
    EXPECT_EQ(content(folder_of_led / "delay_on"), "500");
    EXPECT_EQ(content(folder_of_led / "delay_off"), "300");
    ASSERT_TRUE(led.set(true).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "none");
    EXPECT_EQ(content(folder_of_led / "brightness"), "1");
}

TEST_F(SysfsLedTest, ThatTheKernelHasLitIsLeftToItUntilItIsToBeDark) {
    const auto folder_of_led = add_led("red");
    std::ofstream(folder_of_led / "trigger") << "none timer heartbeat [default-on]\n";
    SysfsLed led(folder_of_led);
    ASSERT_TRUE(led.set(true).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "none timer heartbeat [default-on]\n") << "no flicker";
    ASSERT_TRUE(led.set(false).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "none");
    EXPECT_EQ(content(folder_of_led / "brightness"), "0");
    ASSERT_TRUE(led.set(true).has_value());
    EXPECT_EQ(content(folder_of_led / "brightness"), "1");
}

TEST_F(SysfsLedTest, LeavesTheTriggerAloneWhileItIsSteady) {
    // Writing "none" would make the kernel switch the LED off for an instant, visible as a flicker.
    const auto folder_of_led = add_led("red");
    SysfsLed led(folder_of_led);
    ASSERT_TRUE(led.set(true).has_value());
    std::ofstream(folder_of_led / "trigger") << "untouched";
    ASSERT_TRUE(led.set(false).has_value());
    EXPECT_EQ(content(folder_of_led / "trigger"), "untouched");
}

TEST_F(SysfsLedTest, LeavesDelaysAloneThatTheKernelHasAlready) {
    // Each write would begin the rhythm anew, with a change of the LED.
    const auto folder_of_led = add_led("red");
    std::ofstream(folder_of_led / "delay_on") << "500\n";
    std::ofstream(folder_of_led / "delay_off") << "500\n";
    SysfsLed led(folder_of_led);
    ASSERT_TRUE(led.blink(500ms, 300ms).has_value());
    EXPECT_EQ(content(folder_of_led / "delay_on"), "500\n") << "written";
    EXPECT_EQ(content(folder_of_led / "delay_off"), "300");
}

TEST_F(SysfsLedTest, KnowsWhetherItIsLit) {
    const auto folder_of_led = add_led("red");
    const SysfsLed led(folder_of_led);
    EXPECT_EQ(led.is_lit(), std::nullopt);
    std::ofstream(folder_of_led / "brightness") << "0\n";
    EXPECT_EQ(led.is_lit(), false);
    std::ofstream(folder_of_led / "brightness") << "255\n";
    EXPECT_EQ(led.is_lit(), true);
    fs::remove_all(folder_of_led);
    EXPECT_EQ(led.is_lit(), std::nullopt);
    EXPECT_EQ(NoLed().is_lit(), std::nullopt);
}

TEST_F(SysfsLedTest, NamesTheFileThatCannotBeWritten) {
    const auto folder_of_led = add_led("red");
    SysfsLed led(folder_of_led);
    fs::remove_all(folder_of_led);
    const auto steady = led.set(true);
    ASSERT_FALSE(steady.has_value());
    EXPECT_NE(steady.error().describe().find("leds/red/trigger: No such file"), std::string::npos);
    const auto blinking = led.blink(500ms, 500ms);
    ASSERT_FALSE(blinking.has_value());
    EXPECT_NE(blinking.error().describe().find("timer trigger"), std::string::npos);
}

TEST_F(SysfsLedTest, WithoutALedTheRescueGoesOnInTheDark) {
    NoLed led;
    EXPECT_TRUE(led.set(true).has_value());
    EXPECT_TRUE(led.blink(500ms, 500ms).has_value());
}

/// The state of a real LED, put back afterwards.
class BorrowedLed {
public:
    explicit BorrowedLed(fs::path folder)
        : folder_(std::move(folder)), brightness_(content(folder_ / "brightness")) {
        const auto triggers = content(folder_ / "trigger");
        const auto begin = triggers.find('[') + 1;
        trigger_ = triggers.substr(begin, triggers.find(']') - begin);
    }
    BorrowedLed(const BorrowedLed&) = delete;
    BorrowedLed& operator=(const BorrowedLed&) = delete;
    ~BorrowedLed() {
        for (const auto& [file, value] : {std::pair("trigger", trigger_), {"brightness", brightness_}})
            if (auto restored = write_existing_file(folder_ / file, value, ErrorKind::internal); !restored)
                ADD_FAILURE() << restored.error().describe();
    }

private:
    fs::path folder_;
    std::string brightness_;
    std::string trigger_;
};

std::optional<fs::path> real_led_with_timer() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/sys/class/leds", error)) {
        const auto triggers = read_small_file(entry.path() / "trigger", ErrorKind::internal);
        const bool writable = ::access((entry.path() / "trigger").c_str(), W_OK) == 0;
        if (writable && triggers && triggers->find("timer") != std::string::npos) return entry.path();
    }
    return std::nullopt;
}

TEST(RealLed, IsSwitchedAndBlinksByTheKernel) {
    const auto folder = real_led_with_timer();
    if (!folder) GTEST_SKIP() << "this machine has no writable LED with a timer trigger in /sys/class/leds";
    const BorrowedLed borrowed(*folder);
    SysfsLed led(*folder);
    ASSERT_TRUE(led.set(true).has_value());
    EXPECT_EQ(content(*folder / "brightness"), content(*folder / "max_brightness"));
    EXPECT_EQ(led.is_lit(), true);
    ASSERT_TRUE(led.blink(500ms, 300ms).has_value());
    EXPECT_NE(content(*folder / "trigger").find("[timer]"), std::string::npos);
    EXPECT_EQ(content(*folder / "delay_off"), "300\n");
    ASSERT_TRUE(led.set(false).has_value());
    EXPECT_EQ(content(*folder / "brightness"), "0\n");
    EXPECT_NE(content(*folder / "trigger").find("[none]"), std::string::npos);
}

}  // namespace
}  // namespace mox::board
