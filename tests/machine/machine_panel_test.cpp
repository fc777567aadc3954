#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "machine/qtest_machine.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;

namespace mox::machine_test {

namespace {

constexpr std::uint64_t pins = registers + 0x1'8800;
constexpr std::uint64_t out_enable = pins;
constexpr std::uint64_t input = pins + 0x10;
constexpr std::uint64_t out_value = pins + 0x18;
constexpr std::uint32_t button_pin = 1U << 20;
constexpr std::uint32_t led_pin = 1U << 21;
constexpr int timeout_ms = 10'000;

/// A program on the host that watches the panel.
class Watcher {
public:
    explicit Watcher(const std::filesystem::path& path)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            throw std::runtime_error("connecting to the panel failed");
    }

    void say(const std::string& line) {
        const auto text = line + "\n";
        ASSERT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    /// The next line; empty if none comes.
    std::string line() {
        for (;;) {
            if (const auto end = unread_.find('\n'); end != std::string::npos) {
                auto found = unread_.substr(0, end);
                unread_.erase(0, end + 1);
                return found;
            }
            pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&readable, 1, timeout_ms) <= 0) return {};
            std::array<char, 4096> buffer{};
            const auto count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
            if (count <= 0) return {};
            unread_.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

private:
    UniqueFd socket_;
    std::string unread_;
};

class MachinePanel : public ::testing::Test {
protected:
    void SetUp() override {
        machine_.write32(out_value, led_pin);
        machine_.write32(out_enable, led_pin);
    }
    void light(bool on) { machine_.write32(out_value, on ? 0 : led_pin); }

    test_support::TemporaryDirectory directory_;
    QtestMachine machine_{{"-chardev",
                           "socket,id=panel,path=" + (directory_ / "panel").string() + ",server=on,wait=off",
                           "-global", "mox-front-panel.chardev=panel"}};
};

class MachinePanelWatched : public MachinePanel {
protected:
    void SetUp() override {
        MachinePanel::SetUp();
        EXPECT_EQ(watcher_.line(), "0 led 0");
        EXPECT_EQ(watcher_.line(), "0 button 0");
    }

    Watcher watcher_{directory_ / "panel"};
};

TEST_F(MachinePanel, QtestSeesTheLedAndPressesTheButton) {
    machine_.watch_outputs("/machine/front-panel");
    light(true);
    EXPECT_EQ(machine_.level(0), true);
    light(false);
    EXPECT_EQ(machine_.level(0), false);
    EXPECT_EQ(machine_.read32(input) & button_pin, button_pin);
    machine_.set_input("/machine/front-panel", 0, true);
    EXPECT_EQ(machine_.read32(input) & button_pin, 0U);
    machine_.set_input("/machine/front-panel", 0, false);
    EXPECT_EQ(machine_.read32(input) & button_pin, button_pin);
}

TEST_F(MachinePanel, PropertiesTellAndMove) {
    light(true);
    EXPECT_EQ(machine_.qmp("qom-get", R"({"path":"/machine/front-panel","property":"lit"})"),
              R"({"return": true})");
    machine_.qmp("qom-set", R"({"path":"/machine/front-panel","property":"pressed","value":true})");
    EXPECT_EQ(machine_.read32(input) & button_pin, 0U);
}

TEST_F(MachinePanelWatched, EachEdgeHasTheTimeOfTheMachine) {
    machine_.advance(1500ns);
    light(true);
    machine_.advance(500ms);
    light(false);
    light(false);
    light(true);
    EXPECT_EQ(watcher_.line(), "1500 led 1");
    EXPECT_EQ(watcher_.line(), "500001500 led 0");
    EXPECT_EQ(watcher_.line(), "500001500 led 1");
}

TEST_F(MachinePanelWatched, TheButtonIsPressedAtOnce) {
    watcher_.say("button 1");
    EXPECT_EQ(watcher_.line(), "0 button 1");
    EXPECT_EQ(machine_.read32(input) & button_pin, 0U);
    watcher_.say("button 1");
    watcher_.say("button 0");
    EXPECT_EQ(watcher_.line(), "0 button 0");
    EXPECT_EQ(machine_.read32(input) & button_pin, button_pin);
}

TEST_F(MachinePanelWatched, TheButtonIsPressedAtATime) {
    watcher_.say("at 3000 button 0");
    watcher_.say("in 1000 button 1");
    watcher_.say("in 1000 time");
    watcher_.say("time");
    EXPECT_EQ(watcher_.line(), "0 time");
    machine_.advance(999ns);
    EXPECT_EQ(machine_.read32(input) & button_pin, button_pin);
    machine_.advance(1ns);
    EXPECT_EQ(machine_.read32(input) & button_pin, 0U);
    EXPECT_EQ(watcher_.line(), "1000 button 1");
    EXPECT_EQ(watcher_.line(), "1000 time");
    machine_.advance(5000ns);
    EXPECT_EQ(machine_.read32(input) & button_pin, button_pin);
    EXPECT_EQ(watcher_.line(), "3000 button 0");
    watcher_.say("at 3000 button 1");
    EXPECT_EQ(watcher_.line(), "6000 button 1") << "that time is over";
}

TEST_F(MachinePanelWatched, PlansAreForgotten) {
    watcher_.say("in 1000 button 1");
    watcher_.say("forget");
    watcher_.say("time");
    EXPECT_EQ(watcher_.line(), "0 time");
    machine_.advance(2000ns);
    watcher_.say("time");
    EXPECT_EQ(watcher_.line(), "2000 time");
}

TEST_F(MachinePanelWatched, TheFingerDoesNotFeelAReset) {
    watcher_.say("button 1");
    EXPECT_EQ(watcher_.line(), "0 button 1");
    light(true);
    EXPECT_EQ(watcher_.line(), "0 led 1");
    machine_.qmp("system_reset");
    // The order of the two depends on the order in which QEMU resets its devices.
    const std::vector<std::string> lines{watcher_.line(), watcher_.line()};
    EXPECT_NE(std::ranges::find(lines, "0 reset"), lines.end());
    EXPECT_NE(std::ranges::find(lines, "0 led 0"), lines.end());
    EXPECT_EQ(machine_.read32(input) & button_pin, 0U);
}

TEST_F(MachinePanelWatched, SaysWhatItDoesNotUnderstand) {
    for (const auto* command : {"", "button", "button 2", "at", "at 5", "at x button 1", "in -5 button 1",
                                "time now", "at 99999999999999999999 time", "button 1 2", "led 1"}) {
        watcher_.say(command);
        EXPECT_EQ(watcher_.line(), std::string("0 error unknown command: ") + command);
    }
    watcher_.say(std::string(1000, 'x'));
    EXPECT_EQ(watcher_.line(), "0 error unknown command: " + std::string(127, 'x'));
    watcher_.say(std::string("time\0", 5));
    EXPECT_EQ(watcher_.line(), "0 error unknown command: time?");
}

TEST_F(MachinePanelWatched, TakesABoundedNumberOfPlans) {
    for (int i = 0; i < 65; ++i) watcher_.say("in 1000 time");
    EXPECT_EQ(watcher_.line(), "0 error more than 64 commands wait");
    machine_.advance(1000ns);
    for (int i = 0; i < 64; ++i) EXPECT_EQ(watcher_.line(), "1000 time");
}

TEST_F(MachinePanelWatched, ASlowWatcherMissesNothing) {
    constexpr int edges = 20'000;
    for (int i = 0; i < edges; ++i) light(i % 2 == 0);
    for (int i = 0; i < edges; ++i) ASSERT_EQ(watcher_.line(), i % 2 == 0 ? "0 led 1" : "0 led 0") << i;
}

TEST_F(MachinePanel, TheNextWatcherBeginsWithWhatIsNow) {
    {
        Watcher first(directory_ / "panel");
        EXPECT_EQ(first.line(), "0 led 0");
    }
    light(true);
    machine_.advance(10ns);
    machine_.set_input("/machine/front-panel", 0, true);
    Watcher second(directory_ / "panel");
    EXPECT_EQ(second.line(), "10 led 1");
    EXPECT_EQ(second.line(), "10 button 1");
}

}  // namespace

}  // namespace mox::machine_test
