// What the server reads on the board's serial console, against the formatter that the rescue system uses.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "console/console_progress.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {
namespace {

using namespace std::chrono_literals;

/// What a rescue system writes about a step.
class Writer {
public:
    explicit Writer(console::Console::Kind kind) : console_(ends_[1].get(), kind), progress_(console_) {}

    std::string show(const std::vector<ProgressState>& states) {
        const auto listener = progress_.listener();
        for (const auto& state : states) listener(state);
        return text();
    }
    std::string print(std::string_view line) {
        console_.print(line);
        return text();
    }

private:
    static std::array<UniqueFd, 2> make_pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_NONBLOCK) != 0) ADD_FAILURE() << "pipe";
        return {UniqueFd(ends[0]), UniqueFd(ends[1])};
    }
    std::string text() {
        std::string all(64 << 10, '\0');
        const auto count = ::read(ends_[0].get(), all.data(), all.size());
        all.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return all;
    }

    std::array<UniqueFd, 2> ends_ = make_pipe();
    console::Console console_;
    console::ConsoleProgress progress_;
};

ProgressState unpacking(double fraction) {
    return {.step = "unpack the medkit",
            .number = 3,
            .count = 6,
            .step_fraction = fraction,
            .done = Bytes{static_cast<std::uint64_t>(fraction * 200e6)},
            .total = Bytes{200'000'000},
            .rate = Bytes{9'000'000},
            .remaining = 2s,
            .step_elapsed = 1s};
}

ProgressState finished() {
    auto state = unpacking(1);
    state.step_finished = true;
    state.step_elapsed = 20s;
    return state;
}

std::vector<ProgressSeen> progress_of(const std::vector<ConsoleEvent>& news) {
    std::vector<ProgressSeen> seen;
    for (const auto& one : news)
        if (const auto* progress = std::get_if<ProgressSeen>(&one)) seen.push_back(*progress);
    return seen;
}

const ProgressSeen half{.step = "unpack the medkit",
                        .number = 3,
                        .count = 6,
                        .fraction = 0.5,
                        .detail = "100.0 MB of 200.0 MB  9.0 MB/s  2.0 s left"};
const ProgressSeen whole{.step = "unpack the medkit",
                         .number = 3,
                         .count = 6,
                         .fraction = 1,
                         .detail = "200.0 MB in 20 s (10.0 MB/s)"};

class OnAnyConsole : public testing::TestWithParam<console::Console::Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, OnAnyConsole,
                         testing::Values(console::Console::Kind::terminal, console::Console::Kind::plain));

TEST_P(OnAnyConsole, AStepIsReadAsItWasWritten) {
    Writer writer(GetParam());
    ConsoleReader reader;
    EXPECT_EQ(progress_of(reader.read(writer.show({unpacking(0.5)}))), std::vector{half});
    EXPECT_EQ(progress_of(reader.read(writer.show({finished()}))), std::vector{whole});
}

TEST_P(OnAnyConsole, BytesMayComeOneByOne) {
    Writer writer(GetParam());
    ConsoleReader reader;
    std::vector<ConsoleEvent> news;
    for (const char c : writer.show({unpacking(0.5), finished()}))
        for (auto& one : reader.read(std::string(1, c))) news.push_back(std::move(one));
    EXPECT_EQ(progress_of(news), (std::vector{half, whole}));
}

TEST_P(OnAnyConsole, AStepThatIsNotMeasuredHasNoFraction) {
    Writer writer(GetParam());
    ConsoleReader reader;
    const auto seen =
        progress_of(reader.read(writer.show({{.step = "look for medkits", .number = 1, .count = 5}})));
    ASSERT_EQ(seen.size(), 1U);
    const ProgressSeen unmeasured{
        .step = "look for medkits", .number = 1, .count = 5, .fraction = std::nullopt, .detail = ""};
    EXPECT_EQ(seen[0], unmeasured);
}

TEST(ConsoleReader, ALogLineAboveTheBarLeavesTheBarToBeRead) {
    Writer writer(console::Console::Kind::terminal);
    ConsoleReader reader;
    static_cast<void>(reader.read(writer.show({unpacking(0.25)})));
    EXPECT_EQ(progress_of(reader.read(writer.print("[   12.345] a stick was pulled"))).size(), 1U);
}

/// "progress", "mode 4", ... for each thing that is told.
std::string told(std::string_view bytes) {
    ConsoleReader reader;
    std::string text;
    for (const auto& news : reader.read(bytes)) {
        if (!text.empty()) text += ", ";
        if (std::holds_alternative<ProgressSeen>(news)) text += "progress";
        if (std::holds_alternative<RescueChosen>(news)) text += "rescue";
        if (const auto* mode = std::get_if<ModeStarts>(&news)) text += "mode " + std::to_string(mode->mode);
        if (const auto* error = std::get_if<ErrorShown>(&news))
            text += "error " + std::to_string(error->code);
        if (std::holds_alternative<TriesAgain>(news)) text += "again";
        if (const auto* first = std::get_if<SelectionStarts>(&news))
            text += "selection from " + std::to_string(first->first);
        if (const auto* next = std::get_if<NextMode>(&news)) text += "next " + std::to_string(next->mode);
        if (const auto* end = std::get_if<ModeEnds>(&news))
            text += "end of " + std::to_string(end->mode) + (end->stays ? ", stays" : "");
        if (std::holds_alternative<RebootsByPress>(news)) text += "reboots";
        if (std::holds_alternative<RescueDied>(news)) text += "died";
        if (std::holds_alternative<BootPrompt>(news)) text += "prompt";
        if (std::holds_alternative<KernelStarts>(news)) text += "kernel";
        if (std::holds_alternative<KernelCrashed>(news)) text += "panic";
        if (std::holds_alternative<LoginPrompt>(news)) text += "login";
    }
    return text;
}

TEST(ConsoleReader, TellsWhatThePersonInFrontOfItWouldNotice) {
    EXPECT_EQ(told("RESET button was pressed, overwriting boot_targets!\r\n"), "rescue");
    EXPECT_EQ(told("[    8.012] executing mode 4 (re-flash router from flash drive/micro SD)\r\n"), "mode 4");
    EXPECT_EQ(told("[    9.1] error: The LED shows error 2 (medkit). Plug in a USB drive\r\n"), "error 2");
    EXPECT_EQ(told("[   20.1] a drive was plugged in: trying again\r\n"), "again");
    EXPECT_EQ(told("[    0.027] selecting a mode, mode 1 (standard reboot) is first\r\n"),
              "selection from 1");
    EXPECT_EQ(told("[    2.431] button pressed: mode 2 (rollback to latest snapshot) is next\r\n"), "next 2");
    EXPECT_EQ(told("[   60.000] button pressed: rebooting\r\n"), "reboots");
    EXPECT_EQ(told("[   60.000] mode 4 (re-flash router) is done; rebooting\r\n"), "end of 4");
    EXPECT_EQ(told("[   60.000] mode 7 (rescue shell) is done; the system stays up\r\n"), "end of 7, stays");
    EXPECT_EQ(told("[   60.000] error: the rescue program was killed by signal 9\r\n"), "died");
    EXPECT_EQ(told("Hit any key to stop autoboot:  0 \r\nMMC: no card present\r\n=> "), "prompt");
    EXPECT_EQ(told("\r\nStarting kernel ...\r\n\r\n"), "kernel");
    EXPECT_EQ(told("[    5.012345] Kernel panic - not syncing: VFS\r\n"), "panic");
    EXPECT_EQ(told("\r\nmox login: "), "login");
    EXPECT_EQ(told("\r\nmox login: root\r\nPassword: "), "") << "somebody is answering it already";
}

ErrorShown error_in(std::string_view bytes) {
    ConsoleReader reader;
    ErrorShown shown;
    for (const auto& news : reader.read(bytes))
        if (const auto* error = std::get_if<ErrorShown>(&news)) shown = *error;
    return shown;
}

TEST(ConsoleReader, AnErrorHasItsReasonAndItsAdvice) {
    const auto shown = error_in(
        "[    1.000] error: an older one\r\n[    1.000] hint: an older hint\r\n"
        "[    2.000] executing mode 4 (re-flash)\r\n"
        "[    3.000] error: sda1: there is no medkit\r\n[    3.001] hint: plug in a stick with one\r\n"
        "[    3.900] warning: button pressed and ignored: this mode must not be interrupted\r\n"
        "[    3.950] hint: of the warning\r\n"
        "[    4.000] error: The LED shows error 2 (medkit). Press the button\r\n");
    EXPECT_EQ(shown.code, 2);
    EXPECT_EQ(shown.reason, "sda1: there is no medkit");
    EXPECT_EQ(shown.advice, "plug in a stick with one");

    const auto none = error_in(
        "[    3.000] error: of the mode before\r\n[    3.100] executing mode 4 (re-flash)\r\n"
        "[    4.000] error: The LED shows error 3 (card). Press the button\r\n");
    EXPECT_EQ(none.code, 3);
    EXPECT_EQ(none.reason + none.advice, "");

    const auto supervisor = error_in(
        "[    3.000] error: the rescue program was killed by signal 11\r\n"
        "[    4.000] error: it died too often. The LED shows error 5; press the button to reboot\r\n");
    EXPECT_EQ(supervisor.code, 5);
    EXPECT_EQ(supervisor.reason, "the rescue program was killed by signal 11");
}

TEST(ConsoleReader, IsNotTakenInByOtherLines) {
    for (const auto* line : {"[1/x] y\n",
                             "[1/2]\n",
                             "[1/2] y\n",
                             "[ 1/2] y ...\n",
                             "[1/2 y ...\n",
                             "[1/2] y  [##..]\n",
                             "[1/2] y  [##..] x%\n",
                             "[999999999999999999999/2] y ...\n",
                             "[-1/2] y ...\n",
                             "executing mode 4 (\n",
                             "[ 1.0] executing mode x\n",
                             "login:\n",
                             "x => ",
                             "[    8.012345] executing mode 4 (by a kernel)\n",
                             "user types: [ 8.01] executing mode 4 (\n",
                             "button pressed: rebooting\n",
                             "[ 1.0] mode x (y) is done; rebooting\n",
                             "[ 1.0] mode 4 is finished; rebooting\n",
                             "\x1b[2K\x1b[?7l\x1b[?7h",
                             "\x1b\x1b[\x1b[1;2m\n"})
        EXPECT_EQ(told(line), "") << line;
    EXPECT_EQ(told(std::string(1 << 20, 'x') + "\n[1/2] y ...\n"), "progress")
        << "an endless line is forgotten";
}

}  // namespace
}  // namespace mox::virtual_mox::panel
