#include "update/nor_update.hpp"

#include <gtest/gtest.h>

#include "support/remembered_environment.hpp"

namespace mox::update {
namespace {

class NoDrives final : public storage::Drives {
public:
    Expected<std::vector<storage::Drive>> plugged_in() override { return std::vector<storage::Drive>{}; }
    boost::asio::awaitable<bool> change_before(Clock::time_point /*deadline*/) override { co_return false; }
};

bool asked_by(std::string_view command_line, boot::Variables variables) {
    const auto board = board::turris_mox();
    NoDrives drives;
    test_support::RememberedEnvironment environment;
    environment.stored = std::move(variables);
    Log log;
    Progress progress;
    return is_nor_update_requested({.board = board,
                                    .drives = drives,
                                    .environment = environment,
                                    .log = log,
                                    .progress = progress,
                                    .keys = {},
                                    .variant = {},
                                    .execution = Execution::real,
                                    .command_line = boot::KernelCommandLine(command_line)});
}

TEST(NorUpdate, IsAskedForByTheBootEnvironmentOrTheCommandLine) {
    EXPECT_FALSE(asked_by("", {}));
    EXPECT_TRUE(asked_by("", {{"nor_update", "1"}}));
    EXPECT_FALSE(asked_by("", {{"nor_update", "0"}}));
    EXPECT_TRUE(asked_by("quiet nor_update", {}));
    EXPECT_TRUE(asked_by("nor_update=1", {{"nor_update", "0"}}));
    EXPECT_FALSE(asked_by("nor_update=0", {{"nor_update", "1"}}));
}

TEST(NorUpdate, TakesTheImageThatIsNamedLikeTheMedkit) {
    EXPECT_EQ(companion_name("mox-medkit-latest.tar.gz"), "mox-medkit-latest-rescue.fit.lzma");
    EXPECT_EQ(companion_name("mox-medkit-latest (1).tar.gz"), "mox-medkit-latest (1)-rescue.fit.lzma");
}

}  // namespace
}  // namespace mox::update
