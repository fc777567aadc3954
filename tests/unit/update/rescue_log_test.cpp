#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "storage/installed_file.hpp"
#include "support/temporary_directory.hpp"
#include "update/rescue_log.hpp"

namespace mox::update {
namespace {

namespace fs = std::filesystem;

class InstalledSystem : public ::testing::Test {
protected:
    test_support::TemporaryDirectory folder;
    UniqueFd root{::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

    [[nodiscard]] std::string content(const std::string& path) const {
        return read_small_file(folder.path() / path, ErrorKind::internal).value_or("(missing)");
    }
};

using RescueLogs = InstalledSystem;
using InstalledFiles = InstalledSystem;

TEST_F(RescueLogs, AreReadBackOldestFirst) {
    ASSERT_TRUE(write_rescue_logs(root.get(), {{"0010-reflash.log", "ten"}, {"0009-reflash.log", "nine"}}));
    const auto logs = read_rescue_logs(root.get());
    ASSERT_EQ(logs.size(), 2U);
    EXPECT_EQ(logs.at(0).text, "nine");
    EXPECT_EQ(logs.at(1).name, "0010-reflash.log");
}

TEST_F(RescueLogs, OfASystemWithoutAnyAreNone) {
    EXPECT_TRUE(read_rescue_logs(root.get()).empty());
}

TEST_F(RescueLogs, IgnoreWhatIsNoLog) {
    ASSERT_TRUE(write_rescue_logs(root.get(), {{"0001-reflash.log", "one"}}));
    const auto logs_folder = folder.path() / "var/log/mox-rescue";
    std::ofstream(logs_folder / "notes.txt") << "mine";
    fs::create_symlink("/etc/shadow", logs_folder / "0002-reflash.log");
    fs::create_directory(logs_folder / "0003-reflash.log");
    ASSERT_EQ(read_rescue_logs(root.get()).size(), 1U);
}

TEST_F(RescueLogs, FollowTheSystemsOwnLinksAndNeverLeaveIt) {
    fs::create_directory(folder.path() / "data");
    fs::create_symlink("/data", folder.path() / "var");
    ASSERT_TRUE(write_rescue_logs(root.get(), {{"0001-reflash.log", "inside"}}));
    EXPECT_EQ(content("data/log/mox-rescue/0001-reflash.log"), "inside");
}

struct LogPlace {
    std::string_view name;
    std::vector<std::pair<std::string, std::string>> links;  ///< "var" -> "/tmp"
    std::string fstab;
    std::string_view folder;
};

const LogPlace log_places[] = {
    {"Debian", {}, "UUID=1 / btrfs defaults 0 0\n", rescue_log_directory},
    {"OpenWrt: /var is a link into memory", {{"var", "/tmp"}}, "", persistent_log_directory},
    {"the same, relative", {{"var", "tmp"}}, "", persistent_log_directory},
    {"through a link to a link", {{"var", "/data"}, {"data", "run/data"}}, "", persistent_log_directory},
    {"/var/log alone", {{"var/log", "../tmp/log"}}, "", persistent_log_directory},
    {"/var/log -> volatile/log",
     {{"var/log", "volatile/log"}},
     "tmpfs /var/volatile tmpfs defaults 0 0\n",
     persistent_log_directory},
    {"tmpfs on /var/log", {}, "# logs\nnone\t/var/log\ttmpfs\tsize=8M\t0 0\n", persistent_log_directory},
    {"tmpfs elsewhere",
     {},
     "#tmpfs /var/log tmpfs\ntmpfs /var/logs tmpfs defaults 0 0\n",
     rescue_log_directory},
    {"a link to a folder on the card", {{"var/log", "/srv/log"}}, "", rescue_log_directory},
    {"a name like tmp", {{"var", "tmpfiles"}}, "", rescue_log_directory},
    {"a loop", {{"var/log", "log2"}, {"var/log2", "log"}}, "", persistent_log_directory},
};

TEST(RescueLogPlace, IsOneThatTheNextBootStillShows) {
    for (const auto& place : log_places) {
        const test_support::TemporaryDirectory system;
        for (const auto& [link, target] : place.links) {
            fs::create_directories((system.path() / link).parent_path());
            fs::create_symlink(target, system.path() / link);
        }
        fs::create_directory(system.path() / "etc");
        std::ofstream(system.path() / "etc/fstab") << place.fstab;
        const UniqueFd open(::open(system.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        EXPECT_EQ(log_directory_of(open.get()), place.folder) << place.name;
    }
}

TEST_F(RescueLogs, OfASystemWithVarInMemoryAreKeptAndReadBackWithThoseOfEarlierVersions) {
    fs::create_directories(folder.path() / "tmp/log/mox-rescue");
    fs::create_symlink("/tmp", folder.path() / "var");
    std::ofstream(folder.path() / "tmp/log/mox-rescue/0001-reflash.log") << "one";
    ASSERT_TRUE(write_rescue_logs(root.get(), {{"0002-reflash.log", "two"}}));
    EXPECT_EQ(content("etc/mox-rescue/log/0002-reflash.log"), "two");
    const auto logs = read_rescue_logs(root.get());
    ASSERT_EQ(logs.size(), 2U);
    EXPECT_EQ(logs.at(0).text, "one");
    EXPECT_EQ(logs.at(1).text, "two");
}

TEST(RescueLogNames, GoOnFromTheHighestNumber) {
    EXPECT_EQ(next_log_name({}, "reflash"), "0001-reflash.log");
    EXPECT_EQ(next_log_name({{"0009-reflash.log", ""}, {"0041-rollback.log", ""}}, "reflash"),
              "0042-reflash.log");
    EXPECT_EQ(next_log_name({{"9999-reflash.log", ""}}, "reflash"), "10000-reflash.log");
}

TEST(RescueLogsCarriedOver, AreTheNewestNineSoThatThereAreTenWithTheNextOne) {
    std::vector<KeptLog> logs;
    for (int i = 1; i <= 15; ++i) logs.push_back({"log " + std::to_string(i), ""});
    const auto carried = logs_to_carry_over(logs);
    ASSERT_EQ(carried.size(), 9U);
    EXPECT_EQ(carried.front().name, "log 7");
    EXPECT_EQ(carried.back().name, "log 15");
    logs.resize(9);
    EXPECT_EQ(logs_to_carry_over(logs).size(), 9U);
}

TEST_F(InstalledFiles, ReplaceALinkInsteadOfWritingThroughIt) {
    std::ofstream(folder.path() / "precious") << "untouched";
    fs::create_directories(folder.path() / "etc/schnapps");
    fs::create_symlink(folder.path() / "precious", folder.path() / "etc/schnapps/config");
    auto schnapps =
        storage::open_installed_directory(root.get(), "etc/schnapps", storage::Missing::is_an_error);
    ASSERT_TRUE(schnapps);
    ASSERT_TRUE(storage::write_installed_file(schnapps->get(), "config", "ROOT_DEV='/dev/mmcblk0p1'\n"));
    EXPECT_EQ(content("precious"), "untouched");
    EXPECT_EQ(content("etc/schnapps/config"), "ROOT_DEV='/dev/mmcblk0p1'\n");
}

TEST_F(InstalledFiles, InAMissingFolderAreAnErrorUnlessItIsCreated) {
    EXPECT_FALSE(
        storage::open_installed_directory(root.get(), "etc/schnapps", storage::Missing::is_an_error));
    EXPECT_TRUE(storage::open_installed_directory(root.get(), "etc/schnapps", storage::Missing::is_created));
    EXPECT_TRUE(fs::is_directory(folder.path() / "etc/schnapps"));
}

}  // namespace
}  // namespace mox::update
