// The button through the real libevdev: over fake devices everywhere, over uinput where the machine has it.
#include <gtest/gtest.h>
#include <libevdev/libevdev-uinput.h>
#include <libevdev/libevdev.h>
#include <linux/input-event-codes.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <ctime>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "board/evdev_button.hpp"
#include "support/evdev_shim/evdev_shim.hpp"
#include "support/temporary_directory.hpp"

namespace mox::board {
namespace {

using namespace std::chrono_literals;
using test_support::EvdevIdentity;
using test_support::FakeEvdevDevice;

const EvdevIdentity gpio_keys{.name = "gpio-keys", .bus = 0x19, .keys = {KEY_RESTART}};
const EvdevIdentity usb_keyboard{.name = "USB keyboard", .bus = 0x03, .keys = {KEY_A, KEY_RESTART}};

struct EvdevButtonTest : testing::Test {
    EvdevButtonTest() { std::filesystem::create_directory(input); }

    EvdevButton& make_button() {
        button = std::make_unique<EvdevButton>(context.get_executor(),
                                               std::vector<unsigned>{KEY_RESTART, BTN_0}, input, log);
        return *button;
    }

    std::optional<ButtonEvent> edge_within(Clock::duration duration) {
        std::optional<ButtonEvent> edge;
        co_spawn(context, button->edge_before(Clock::now() + duration),
                 [&](const std::exception_ptr& failure, std::optional<ButtonEvent> event) {
                     if (failure) std::rethrow_exception(failure);
                     edge = event;
                 });
        context.restart();
        context.run();
        return edge;
    }

    std::optional<ButtonEdge> next_edge(Clock::duration duration = 5s) {
        const auto event = edge_within(duration);
        return event ? std::optional(event->edge) : std::nullopt;
    }

    /// Runs `change` while the button is being waited for.
    template <typename Change>
    std::optional<ButtonEdge> edge_after(Change change) {
        boost::asio::steady_timer soon(context, 20ms);
        soon.async_wait([&](boost::system::error_code) { change(); });
        return next_edge();
    }

    bool logged(const std::string& words) const { return log.text().find(words) != std::string::npos; }

    test_support::TemporaryDirectory folder;
    std::filesystem::path input = folder / "input";
    Log log;
    boost::asio::io_context context;
    std::unique_ptr<EvdevButton> button;
};

TEST_F(EvdevButtonTest, DeliversPressAndReleaseWithTheKernelsTimes) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    make_button();
    EXPECT_TRUE(logged("button: gpio-keys (" + (input / "event0").native() + ", KEY_RESTART)")) << log.text();
    EXPECT_EQ(device.clock(), CLOCK_MONOTONIC);

    const auto at = std::chrono::time_point_cast<std::chrono::microseconds>(Clock::now() - 3s);
    device.press(KEY_RESTART, at);
    device.release(KEY_RESTART, at + 100ms);
    const auto press = edge_within(5s);
    ASSERT_TRUE(press.has_value());
    EXPECT_EQ(press->edge, ButtonEdge::pressed);
    EXPECT_EQ(press->at, at);
    EXPECT_TRUE(button->is_down());
    const auto release = edge_within(5s);
    ASSERT_TRUE(release.has_value());
    EXPECT_EQ(release->edge, ButtonEdge::released);
    EXPECT_EQ(release->at, at + 100ms);
    EXPECT_FALSE(button->is_down());
}

TEST_F(EvdevButtonTest, WaitsNoLongerThanTheDeadline) {
    const FakeEvdevDevice device(input, 0, gpio_keys);
    make_button();
    const auto before = Clock::now();
    EXPECT_EQ(next_edge(50ms), std::nullopt);
    EXPECT_GE(Clock::now() - before, 50ms);
}

TEST_F(EvdevButtonTest, WakesUpForAPressDuringTheWait) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    make_button();
    EXPECT_EQ(edge_after([&] { device.press(KEY_RESTART); }), ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, DeliversAWaitingPressEvenIfTheDeadlineIsOver) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    make_button();
    device.press(KEY_RESTART);
    EXPECT_EQ(next_edge(-10s), ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, KnowsThatItIsHeldFromTheStart) {
    FakeEvdevDevice device(input, 0, gpio_keys, {KEY_RESTART});
    EXPECT_TRUE(make_button().is_down());
    EXPECT_EQ(next_edge(0ms), std::nullopt);
    device.release(KEY_RESTART);
    EXPECT_EQ(next_edge(), ButtonEdge::released);
}

TEST_F(EvdevButtonTest, IgnoresRepetitionsAndOtherKeys) {
    FakeEvdevDevice device(input, 0, usb_keyboard);
    make_button();
    device.press(KEY_A);
    device.press(KEY_RESTART);
    for (int count = 0; count < 5; ++count) device.repeat(KEY_RESTART);
    device.release(KEY_RESTART);
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
    EXPECT_EQ(next_edge(), ButtonEdge::released);
    EXPECT_EQ(next_edge(0ms), std::nullopt);
}

TEST_F(EvdevButtonTest, AcceptsTheCodeOfOldKernels) {
    FakeEvdevDevice device(input, 0, {.name = "gpio-keys", .keys = {BTN_0}});
    make_button();
    device.press(BTN_0);
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, PrefersTheBoardsOwnButtonToAKeyboard) {
    const FakeEvdevDevice keyboard(input, 0, usb_keyboard);
    const FakeEvdevDevice mouse(input, 1, {.name = "mouse", .bus = 0x03, .keys = {BTN_LEFT}});
    FakeEvdevDevice board(input, 10, gpio_keys);
    make_button();
    board.press(KEY_RESTART);
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, SaysThatThereIsNoneAndGoesOn) {
    const FakeEvdevDevice mouse(input, 0, {.name = "mouse", .keys = {BTN_LEFT}});
    EXPECT_FALSE(make_button().is_down());
    EXPECT_TRUE(logged("no button in")) << log.text();
    EXPECT_EQ(next_edge(30ms), std::nullopt);
}

TEST_F(EvdevButtonTest, PicksUpADeviceThatAppearsLate) {
    make_button();
    std::unique_ptr<FakeEvdevDevice> device;
    // Pressed once it was found: before, it would be a button that is held.
    log.add_listener([&](const LogLine& line) {
        if (line.text.starts_with("button: gpio-keys"))
            boost::asio::post(context, [&] { device->press(KEY_RESTART); });
    });
    EXPECT_EQ(edge_after([&] { device = std::make_unique<FakeEvdevDevice>(input, 3, gpio_keys); }),
              ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, CallsADeviceThatAppearsHeldNoPress) {
    make_button();
    std::unique_ptr<FakeEvdevDevice> device;
    EXPECT_EQ(edge_after([&] {
                  device =
                      std::make_unique<FakeEvdevDevice>(input, 3, gpio_keys, std::set<unsigned>{KEY_RESTART});
              }),
              ButtonEdge::found_held);
    EXPECT_TRUE(button->is_down());
    device->release(KEY_RESTART);
    EXPECT_EQ(next_edge(), ButtonEdge::released);
}

TEST_F(EvdevButtonTest, PicksUpADeviceWhoseFolderAppearsLate) {
    std::filesystem::remove(input);
    make_button();
    EXPECT_TRUE(logged("no button in"));
    std::unique_ptr<FakeEvdevDevice> device;
    boost::asio::steady_timer later(context, 60ms);
    EXPECT_EQ(edge_after([&] {
                  std::filesystem::create_directory(input);
                  later.async_wait([&](boost::system::error_code) {
                      device = std::make_unique<FakeEvdevDevice>(input, 0, gpio_keys,
                                                                 std::set<unsigned>{KEY_RESTART});
                  });
              }),
              ButtonEdge::found_held);
}

TEST_F(EvdevButtonTest, ReleasesAButtonThatGoesAwayAndFindsItAgain) {
    auto device = std::make_unique<FakeEvdevDevice>(input, 0, gpio_keys);
    make_button();
    device->press(KEY_RESTART);
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
    EXPECT_EQ(edge_after([&] { device.reset(); }), ButtonEdge::released);
    EXPECT_TRUE(logged("is gone; looking for another"));
    EXPECT_FALSE(button->is_down());

    device = std::make_unique<FakeEvdevDevice>(input, 1, gpio_keys);
    EXPECT_EQ(edge_after([&] { device->press(KEY_RESTART); }), ButtonEdge::pressed);
}

TEST_F(EvdevButtonTest, KeepsTrackOfTheKeyWhenTheKernelLosesEvents) {
    FakeEvdevDevice device(input, 0, gpio_keys);
    make_button();
    device.lose_events({KEY_RESTART});
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
    device.lose_events({});
    EXPECT_EQ(next_edge(), ButtonEdge::released);
}

/// A button of the kernel's own. Only BTN_0: for KEY_RESTART a desktop's login manager would reboot.
class UinputButton {
public:
    UinputButton() {
        const std::unique_ptr<libevdev, decltype(&libevdev_free)> device(libevdev_new(), &libevdev_free);
        libevdev_set_name(device.get(), "mox-rescue test button");
        libevdev_set_id_bustype(device.get(), 0x19);
        libevdev_enable_event_code(device.get(), EV_KEY, BTN_0, nullptr);
        libevdev_uinput_create_from_device(device.get(), LIBEVDEV_UINPUT_OPEN_MANAGED, &uinput_);
    }
    UinputButton(const UinputButton&) = delete;
    UinputButton& operator=(const UinputButton&) = delete;
    ~UinputButton() {
        if (uinput_ != nullptr) libevdev_uinput_destroy(uinput_);
    }

    [[nodiscard]] std::filesystem::path node() const {
        const char* name = uinput_ == nullptr ? nullptr : libevdev_uinput_get_devnode(uinput_);
        return name == nullptr ? "" : name;
    }
    void change(int value) {
        libevdev_uinput_write_event(uinput_, EV_KEY, BTN_0, value);
        libevdev_uinput_write_event(uinput_, EV_SYN, SYN_REPORT, 0);
    }

private:
    libevdev_uinput* uinput_ = nullptr;
};

TEST_F(EvdevButtonTest, WorksOverTheKernelsOwnInputDevices) {
    if (::access("/dev/uinput", R_OK | W_OK) != 0)
        GTEST_SKIP() << "this machine has no /dev/uinput that may be used";
    UinputButton real;
    ASSERT_FALSE(real.node().empty());
    std::filesystem::create_symlink(real.node(), input / "event0");
    make_button();
    real.change(1);
    EXPECT_EQ(next_edge(), ButtonEdge::pressed);
    real.change(0);
    EXPECT_EQ(next_edge(), ButtonEdge::released);
}

}  // namespace
}  // namespace mox::board
