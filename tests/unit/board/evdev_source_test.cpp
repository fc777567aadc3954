// A button that is followed without an event loop, and taken for one program alone.
#include "board/evdev_source.hpp"

#include <gtest/gtest.h>
#include <linux/input-event-codes.h>
#include <poll.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/evdev_shim/evdev_shim.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using test_support::EvdevIdentity;
using test_support::FakeEvdevDevice;

const EvdevIdentity gpio_keys{.name = "gpio-keys", .bus = 0x19, .keys = {KEY_RESTART}};
const EvdevIdentity usb_keyboard{.name = "USB keyboard", .bus = 0x03, .keys = {KEY_A, KEY_RESTART}};

struct EvdevSourceTest : testing::Test {
    EvdevSourceTest() { std::filesystem::create_directory(input); }

    EvdevSource& make_source(Claim claim) {
        source.emplace(std::vector<unsigned>{KEY_RESTART, BTN_0}, input, claim, log);
        return *source;
    }

    /// What is taken next: "pressed", "released", "held", "lost", "lost while down", "nothing".
    std::string next() {
        const auto taken = source->take();
        if (const auto* event = std::get_if<ButtonEvent>(&taken)) {
            if (event->edge == ButtonEdge::found_held) return "held";
            return event->edge == ButtonEdge::pressed ? "pressed" : "released";
        }
        const auto* lost = std::get_if<EvdevSource::Lost>(&taken);
        if (lost == nullptr) return "nothing";
        return lost->was_down ? "lost while down" : "lost";
    }

    [[nodiscard]] bool readable() const {
        pollfd state{.fd = source->fd(), .events = POLLIN, .revents = 0};
        return ::poll(&state, 1, 0) > 0;
    }

    [[nodiscard]] bool logged(const std::string& words) const {
        return log.text().find(words) != std::string::npos;
    }

    test_support::TemporaryDirectory folder;
    std::filesystem::path input = folder / "input";
    Log log;
    std::optional<EvdevSource> source;
};

TEST_F(EvdevSourceTest, TakesTheButtonForItselfWhenAsked) {
    const FakeEvdevDevice device(input, 0, gpio_keys);
    make_source(Claim::exclusive);
    EXPECT_TRUE(device.is_grabbed());
}

TEST_F(EvdevSourceTest, LeavesASharedButtonToOthersToo) {
    const FakeEvdevDevice device(input, 0, gpio_keys);
    make_source(Claim::shared);
    EXPECT_FALSE(device.is_grabbed());
}

TEST_F(EvdevSourceTest, NeverTakesAKeyboardForItself) {
    const FakeEvdevDevice keyboard(input, 0, usb_keyboard);
    EXPECT_FALSE(make_source(Claim::exclusive).has_device());
    EXPECT_FALSE(keyboard.is_grabbed());
    const FakeEvdevDevice board(input, 1, gpio_keys);
    EXPECT_TRUE(readable());
    EXPECT_EQ(next(), "nothing");
    EXPECT_TRUE(source->has_device());
    EXPECT_TRUE(board.is_grabbed());
}

TEST_F(EvdevSourceTest, SaysThatAnotherProgramHasTheButton) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    device.be_grabbed_by_another();
    EXPECT_TRUE(make_source(Claim::exclusive).has_device());
    EXPECT_TRUE(logged("cannot be grabbed: Device or resource busy")) << log.text();
}

TEST_F(EvdevSourceTest, IsReadableExactlyWhenThereIsSomethingToTake) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    make_source(Claim::exclusive);
    EXPECT_FALSE(readable());
    device.press(KEY_RESTART);
    EXPECT_TRUE(readable());
    EXPECT_EQ(next(), "pressed");
    EXPECT_EQ(next(), "nothing");
    EXPECT_FALSE(readable());
}

TEST_F(EvdevSourceTest, AButtonThatIsUnpluggedWhileHeldIsLostAndNotReleased) {
    auto device = std::make_unique<FakeEvdevDevice>(input, 0, gpio_keys);
    make_source(Claim::exclusive);
    device->press(KEY_RESTART);
    EXPECT_EQ(next(), "pressed");
    device.reset();
    EXPECT_TRUE(readable());
    EXPECT_EQ(next(), "lost while down");
    EXPECT_EQ(next(), "nothing");
    EXPECT_FALSE(readable());

    device = std::make_unique<FakeEvdevDevice>(input, 1, gpio_keys);
    EXPECT_TRUE(readable());
    EXPECT_EQ(next(), "nothing");
    EXPECT_TRUE(device->is_grabbed());
    device->press(KEY_RESTART);
    EXPECT_EQ(next(), "pressed");
}

TEST_F(EvdevSourceTest, AButtonThatComesBackHeldIsToldOnce) {
    auto device = std::make_unique<FakeEvdevDevice>(input, 0, gpio_keys);
    make_source(Claim::exclusive);
    device.reset();
    EXPECT_EQ(next(), "lost");
    const FakeEvdevDevice again(input, 1, gpio_keys, {KEY_RESTART});
    EXPECT_EQ(next(), "held");
    EXPECT_EQ(next(), "nothing");
    EXPECT_TRUE(source->is_down());
}

TEST_F(EvdevSourceTest, AnotherButtonThatIsThereAlreadyTakesOver) {
    auto device = std::make_unique<FakeEvdevDevice>(input, 0, gpio_keys);
    FakeEvdevDevice other(input, 7, gpio_keys, {KEY_RESTART});
    make_source(Claim::exclusive);
    EXPECT_FALSE(source->is_down());
    device.reset();
    EXPECT_EQ(next(), "lost");
    EXPECT_EQ(next(), "held");
    other.release(KEY_RESTART);
    EXPECT_EQ(next(), "released");
}

}  // namespace
}  // namespace mox::board
