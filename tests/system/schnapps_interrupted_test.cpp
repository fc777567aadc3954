// SIGKILL at random instants of `import` and `update-factory`: the factory image is the complete old or the
// complete new one, no snapshot is half, and the next call leaves nothing of it behind.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"

namespace mox::test_support {
namespace {

using namespace std::chrono_literals;

class SchnappsInterrupted : public testing::Test {
protected:
    static constexpr int kills = 12;

    static unsigned seed() {
        const char* const given = std::getenv("MOX_SEED");
        const unsigned seed =
            given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
        std::printf("MOX_SEED=%u\n", seed);
        return seed;
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    /// Starts schnapps and kills it when `delay` is over; true if it was still at work then.
    bool run_and_kill(const std::string& command, std::chrono::microseconds delay) const {
        const auto keys = table_.keys().native();
        const auto medkit = table_.medkit().native();
        const pid_t child = ::fork();
        if (child == 0) {
            const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
            if (null < 0 || ::dup2(null, STDERR_FILENO) < 0) ::_exit(126);
            ::execl(SCHNAPPS_PROGRAM, "schnapps", "-d", card_.node().c_str(), command.c_str(), "--keys",
                    keys.c_str(), medkit.c_str(), nullptr);
            ::_exit(127);
        }
        std::this_thread::sleep_for(delay);
        ::kill(child, SIGKILL);
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFSIGNALED(status);
    }

    /// The time that a call takes undisturbed.
    std::chrono::microseconds duration_of(const std::string& command) const {
        const auto start = std::chrono::steady_clock::now();
        const auto said = run({command, "--keys", table_.keys(), table_.medkit()});
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                     start);
    }

    RescueTable table_;
    SnapshotsCard card_;
    std::mt19937 random_{seed()};
};

TEST_F(SchnappsInterrupted, AFactoryImageIsTheOldOrTheNewOne) {
    must(storage::snapshot_subvolume(card_.top().directory(), "@factory", "@1", storage::Access::read_only));
    write_file(card_ / "1.info", "TYPE=\"single\"\n");
    const auto whole = duration_of("update-factory");
    const auto old_system = describe_system(card_ / "@1");
    std::uniform_int_distribution<long> instant(0, whole.count());
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        // Back to the small old image, so that the two can be told apart.
        must(storage::delete_subvolume(card_.top().directory(), "@factory"));
        must(storage::snapshot_subvolume(card_.top().directory(), "@1", "@factory",
                                         storage::Access::read_only));
        killed += run_and_kill("update-factory", std::chrono::microseconds(instant(random_))) ? 1 : 0;
        const auto now = describe_system(card_ / "@factory");
        EXPECT_TRUE(now == old_system || now == table_.description())
            << difference(table_.description(), now);
        ASSERT_EQ(run({"modify", "1", "-d", "still there"}).status, 0);
        EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
    }
    EXPECT_GT(killed, 0) << "no call was interrupted";
}

TEST_F(SchnappsInterrupted, AnImportIsThereOrNot) {
    const auto whole = duration_of("import");
    EXPECT_EQ(describe_system(card_ / "@1"), table_.description());
    std::uniform_int_distribution<long> instant(0, whole.count());
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        killed += run_and_kill("import", std::chrono::microseconds(instant(random_))) ? 1 : 0;
        ASSERT_EQ(run({"modify", "1", "-d", "still there"}).status, 0);
        const auto names = card_.names();
        if (names != "1.info @ @1 @factory") {
            EXPECT_EQ(names, "1.info 2.info @ @1 @2 @factory");
            EXPECT_EQ(describe_system(card_ / "@2"), table_.description());
            ASSERT_EQ(run({"delete", "2"}).status, 0);
        }
    }
    EXPECT_GT(killed, 0) << "no call was interrupted";
}

}  // namespace
}  // namespace mox::test_support
