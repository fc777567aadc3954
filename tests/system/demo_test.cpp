// The demo as a person sees it: the sample scenario of the manual from power on to the checked card.

#include "simulated_board/demo.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>

#include "base/unique_fd.hpp"
#include "simulated_board/rollback_demo.hpp"
#include "support/medkit_factory.hpp"
#include "support/temporary_directory.hpp"

namespace mox::simulated_board {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A small, signed medkit, trusted keys, and a place for images and output.
class Demo : public testing::Test {
protected:
    Demo() {
        fs::create_directories(options.medkits);
        fs::create_directories(options.keys);
        fs::create_directories(options.images);
        const auto tree = folder.path() / "tree";
        test_support::make_system_tree(tree, "9.8.7", 1);
        const auto archive = options.medkits / "mox-medkit-latest.tar.gz";
        test_support::pack_with_tar(tree, archive);
        test_support::write_sha256_beside(archive);
        const auto key = test_support::make_signing_key(folder.path(), "demo");
        test_support::trust(key, options.keys);
        test_support::sign_beside(archive, key);
    }

    Expected<DemoResult> run() {
        const UniqueFd output(::open(output_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        console::Console console(output.get(), console::Console::Kind::plain);
        return run_demo(options, console);
    }

    [[nodiscard]] std::string output() const {
        std::ostringstream text;
        text << std::ifstream(output_path).rdbuf();
        return text.str();
    }

    /// Images of this demo that are still attached to a loop device.
    [[nodiscard]] int attached_images() const {
        int count = 0;
        for (const auto& device : fs::directory_iterator("/sys/block")) {
            std::ifstream file(device.path() / "loop/backing_file");
            std::string image;
            if (std::getline(file, image) && image.starts_with(folder.path().string())) ++count;
        }
        return count;
    }

    test_support::TemporaryDirectory folder;
    DemoOptions options{.medkits = folder.path() / "medkit",
                        .keys = folder.path() / "keys",
                        .images = folder.path() / "images"};
    fs::path output_path = folder.path() / "output.txt";
};

TEST_F(Demo, PlaysTheSampleScenarioRowByRowAndFindsTheNewSystemOnTheCard) {
    const auto result = run();
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(*result, DemoResult::all_as_expected) << output();

    const char* const rows[] = {
        R"(\| Off +\| Hold +\|)",
        R"(\| On \(1\.\d s\) +\| Hold +\|)",
        R"(\| Off \(\d\.\d s\) +\| Released \|)",
        R"(\| On \([01]\.\d s\) +\| Released \| Rescue image started)",
        R"(\| Blink +\| Released \| .*mode 1)",
        R"(\| On \(\d\.\d s\) +\| Pressed +\|)",
        R"(\| Blink blink +\| Released \| .*mode 2)",
        R"(\| On \(\d\.\d s\) +\| Pressed +\|)",
        R"(\| Blink blink blink +\| Released \| .*mode 3.*like it)",
        R"(\| On \([23]\.\d s\) +\| Released \|)",
        R"(\| Blink blink blink +\| Released \| Last warning.*mode 3)",
        R"(\| On \(\d\.\d s\) +\| Pressed +\|)",
        R"(\| Blink blink blink blink +\| Released \| .*mode 4.*like it)",
        R"(\| On \([23]\.\d s\) +\| Released \|)",
        R"(\| Blink blink blink blink +\| Released \| Last warning.*mode 4)",
        R"(\| On \([23]\.\d s\) +\| Released \|)",
        R"(\| Slow blinking +\| Released \| Time's up.*mode 4)",
    };
    const auto text = output();
    auto from = text.cbegin();
    for (const auto* row : rows) {
        std::smatch match;
        ASSERT_TRUE(std::regex_search(from, text.cend(), match, std::regex(row))) << row << " in\n" << text;
        from = match[0].second;
    }
    EXPECT_NE(text.find("9.8.7 (was 5.1.9)"), std::string::npos) << text;
    EXPECT_EQ(text.find("FAILED"), std::string::npos) << text;
    EXPECT_EQ(attached_images(), 0);
}

TEST_F(Demo, AMedkitWithAWrongSignatureIsReportedAndTheOldSystemStays) {
    fs::remove_all(options.keys);
    fs::create_directories(options.keys);
    const auto other = test_support::make_signing_key(folder.path(), "other");
    test_support::trust(other, options.keys);

    const auto result = run();
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(*result, DemoResult::something_wrong);
    const auto text = output();
    // It fails at once: the LED still says first that the mode was running, and nothing else.
    const auto running = text.find("| Slow blinking");
    const auto failed = text.find("It failed: ");
    EXPECT_LT(running, failed) << text;
    EXPECT_EQ(text.substr(failed, 36), "It failed: error 2 (no valid medkit)") << text;
    EXPECT_EQ(text.find("It failed: ", failed + 1), std::string::npos) << text;
    EXPECT_NE(text.find("still 5.1.9"), std::string::npos) << text;
    EXPECT_NE(text.find("41 of 41 files still there"), std::string::npos) << text;
}

/// Modes 2 and 3 as `make demo MODE=2` shows them.
class RollbackDemo : public Demo, public testing::WithParamInterface<boot::Mode> {};

TEST_P(RollbackDemo, BringsABrokenSystemBackAndListsTheSnapshotsBeforeAndAfter) {
    options.mode = GetParam();
    const UniqueFd file(::open(output_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    console::Console console(file.get(), console::Console::Kind::plain);
    const auto result = run_rollback_demo(options, console);
    ASSERT_TRUE(result) << result.error().describe();
    const auto text = output();
    EXPECT_EQ(*result, DemoResult::all_as_expected) << text;
    const auto after = text.find("Snapshots after:");
    ASSERT_NE(after, std::string::npos) << text;
    EXPECT_EQ(text.substr(0, after).find("| rollback"), std::string::npos) << text;
    EXPECT_TRUE(std::regex_search(text.substr(after), std::regex(R"( 3 \| rollback +\|)"))) << text;
    EXPECT_EQ(attached_images(), 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, RollbackDemo,
                         testing::Values(boot::Mode::rollback, boot::Mode::factory_reset),
                         [](const auto& mode) { return "mode_" + std::to_string(number_of(mode.param)); });

TEST_F(Demo, CtrlCDuringTheSelectionLeavesNoLoopDeviceBehind) {
    const std::jthread person([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (output().find("| Blink") != std::string::npos) {
                ::kill(::getpid(), SIGINT);
                return;
            }
            std::this_thread::sleep_for(50ms);
        }
    });
    const auto result = run();
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(*result, DemoResult::interrupted);
    EXPECT_EQ(attached_images(), 0);
}

}  // namespace
}  // namespace mox::simulated_board
