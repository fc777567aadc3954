#include <gtest/gtest.h>

#include "config/uci_file.hpp"
#include "snapshots/configuration.hpp"
#include "support/loop_image.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace mox::snapshots;
using mox::test_support::TemporaryDirectory;
using mox::test_support::write_file;

constexpr const char* shipped = R"(
config keep keep
	option max_single -1
	option max_time '7'
	option max_updater "2"

config remote 'remote'
	option url 'https://cloud.example/remote.php'
	option user   me
	option password 'it''s # no comment'
	option sync_types 'pre,time,nonsense'
	option keep_forever '1'

config encrypt encrypt  # passwords
	option pass "se\"cret"
)";

TEST(UciFile, ReadsQuotesListsAndComments) {
    const auto file = mox::config::parse_uci(
        "package x\nconfig a 'n n'\n list l one\n list l \"t\\\"wo\"  # more\n option o a'b 'c\n");
    ASSERT_NE(file.section("n n"), nullptr);
    EXPECT_EQ(file.section("n n")->type, "a");
    EXPECT_EQ(file.section("n n")->lists.at("l"), (std::vector<std::string>{"one", "t\"wo"}));
    EXPECT_EQ(file.section("n n")->option("o"), "ab c");
    EXPECT_TRUE(file.warnings.empty());
}

TEST(UciFile, AnonymousSectionsAreFoundByTypeAndNamedOnesFirst) {
    const auto file = mox::config::parse_uci("config keep\noption a 1\nconfig x keep\noption a 2\n");
    EXPECT_EQ(file.section("keep")->option("a"), "2");
    EXPECT_EQ(mox::config::parse_uci("config keep\noption a 1\n").section("keep")->option("a"), "1");
    EXPECT_EQ(file.section("none"), nullptr);
}

TEST(UciFile, BadLinesAreToldByNumberAndCostOnlyThemselves) {
    const auto file =
        mox::config::parse_uci("option early 1\nconfig keep keep\n$(reboot)\noption a 'open\noption b 2\n");
    EXPECT_EQ(file.warnings.size(), 3U);
    EXPECT_TRUE(file.warnings.at(1).starts_with("line 3"));
    EXPECT_EQ(file.section("keep")->option("b"), "2");
    EXPECT_FALSE(file.section("keep")->option("a"));
}

TEST(Configuration, OfAnEmptyFileIsTheDefault) {
    const auto configuration = configuration_from(mox::config::parse_uci(""));
    EXPECT_EQ(configuration.keep.single, KeepLimit());
    EXPECT_EQ(configuration.keep.time, KeepLimit(5));
    EXPECT_EQ(configuration.keep.updater, KeepLimit(5));
    EXPECT_EQ(configuration.keep.rollback, KeepLimit(3));
    EXPECT_EQ(configuration.encryption_password, "");
}

TEST(Configuration, ReadsAllSections) {
    const auto configuration = configuration_from(mox::config::parse_uci(shipped));
    EXPECT_EQ(configuration.keep.single, KeepLimit());
    EXPECT_EQ(configuration.keep.time, KeepLimit(7));
    EXPECT_EQ(configuration.keep.updater, KeepLimit(2));
    EXPECT_EQ(configuration.keep.rollback, KeepLimit(3));
    EXPECT_EQ(configuration.remote.url, "https://cloud.example/remote.php");
    EXPECT_EQ(configuration.remote.user, "me");
    EXPECT_EQ(configuration.remote.password, "its # no comment");
    EXPECT_EQ(configuration.remote.sync_types, (std::vector{SnapshotType::pre, SnapshotType::time}));
    EXPECT_TRUE(configuration.remote.keep_forever);
    EXPECT_EQ(configuration.encryption_password, "se\"cret");
    EXPECT_TRUE(configuration.warnings.empty());
}

TEST(Configuration, ALimitThatIsNoNumberIsToldAndTheDefaultStays) {
    const auto configuration =
        configuration_from(mox::config::parse_uci("config keep keep\noption max_time 'five'\n"));
    EXPECT_EQ(configuration.keep.time, KeepLimit(5));
    EXPECT_EQ(configuration.warnings.size(), 1U);
}

TEST(Configuration, ZeroMeansNoneAndNegativeMeansAll) {
    const auto configuration = configuration_from(
        mox::config::parse_uci("config keep keep\noption max_time 0\noption max_rollback -5\n"));
    EXPECT_EQ(configuration.keep.time, KeepLimit(0));
    EXPECT_EQ(configuration.keep.rollback, KeepLimit());
}

TEST(RootDevice, IsReadAsData) {
    EXPECT_EQ(root_device_in("ROOT_DEV='/dev/mmcblk0p1'\n"), "/dev/mmcblk0p1");
    EXPECT_EQ(root_device_in("ROOT_DEV=/dev/sda1\nROOT_DEV=\"/dev/sdb1\"\n"), "/dev/sdb1");
    for (const char* text :
         {"", "ROOT_DEV=", "ROOT_DEV=mmcblk0p1", "ROOT_DEV=/dev/../etc/passwd", "ROOT_DEV=$(reboot)"})
        EXPECT_FALSE(root_device_in(text)) << text;
}

TEST(InstallationRecord, IsOneLineAndSafeToPrint) {
    const TemporaryDirectory folder;
    const auto record = [&] { return installation_record(folder.path()).value(); };
    EXPECT_EQ(record(), "");
    EXPECT_EQ(installation_record(folder / "missing").value(), "");
    write_file(folder / "etc/schnapps/installed", "re-flashed from \x1b[2Jx.tar.gz\nsecond line\n");
    EXPECT_TRUE(record().starts_with("re-flashed from ")) << record();
    EXPECT_FALSE(record().contains('\x1b'));
    EXPECT_FALSE(record().contains("second"));
}

TEST(Configuration, IsLoadedFromARootAndNeverFromOutsideIt) {
    const TemporaryDirectory folder;
    const auto root = folder / "root";
    write_file(folder / "outside", "config keep keep\noption max_time 99\n");
    write_file(root / "etc/schnapps/config", "ROOT_DEV='/dev/mmcblk0p1'\n");
    std::filesystem::create_directories(root / "etc/config");
    std::filesystem::create_symlink("../../../outside", root / "etc/config/schnapps");
    auto outside = load_configuration(root);
    ASSERT_TRUE(outside) << outside.error().describe();
    EXPECT_EQ(outside->keep.time, KeepLimit(5));
    EXPECT_EQ(outside->root_device, "/dev/mmcblk0p1");

    // The same link means a file at the top of that system.
    write_file(root / "outside", "config keep keep\noption max_time 9\nnonsense\n");
    auto inside = load_configuration(root);
    ASSERT_TRUE(inside) << inside.error().describe();
    EXPECT_EQ(inside->keep.time, KeepLimit(9));
    ASSERT_EQ(inside->warnings.size(), 1U);
    EXPECT_TRUE(inside->warnings[0].starts_with("/etc/config/schnapps: line 3")) << inside->warnings[0];
}

}  // namespace
