// Subvolumes inside the system (containers of LXC and Docker, say): every command that leaves them somewhere
// or would take them away says which ones.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "schnapps_run.hpp"
#include "snapshots_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

/// Snapshot 1, and as number 2 the system before a rollback to it, with containers: one inside another, a
/// read-only one, and one whose path is no text.
class SchnappsNested : public testing::Test {
protected:
    SchnappsNested() {
        make_nested("@/srv", "data");
        make_nested("@/srv", "inner");
        make_nested("@/var/lib/lxc", "made");
        make_nested("@/var/lib/lxc", odd_);
        write_file(card_ / "@/srv/data/photo", "the only one");
        write_file(card_ / "@/var/lib/lxc/made/rootfs", "x");
        const auto containers = open("@/var/lib/lxc");
        must(storage::snapshot_subvolume(containers.get(), "made", "c1", storage::Access::read_only));
        must(storage::delete_subvolume(containers.get(), "made"));
        must(storage::create_subvolume(open("@/srv/data").get(), "deeper"));
        write_file(card_ / "@/srv/data/deeper/photo", "the other one");
        EXPECT_EQ(run({"create", "-t", "time"}).status, 0);
        rolled_back_ = run({"rollback", "1"});
    }

    [[nodiscard]] UniqueFd open(const std::string& path) const {
        return UniqueFd(::open((card_ / path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    void make_nested(const std::string& folder, const std::string& name) const {
        fs::create_directories(card_ / folder);
        must(storage::create_subvolume(open(folder).get(), name));
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }

    void expect_all_named(const Said& said, const std::string& what) const {
        for (const std::string name : {"/srv/data ", "/srv/data/deeper ", "/srv/inner ", "/var/lib/lxc/c1 ",
                                       "/var/lib/lxc/\\xff\\x1b[31m\\n "})
            EXPECT_TRUE(said.err.contains(name + "is a subvolume of its own and " + what))
                << name << said.err;
        EXPECT_FALSE(said.err.contains('\x1b')) << said.err;
    }

    void expect_kept() const {
        EXPECT_EQ(read_file(card_ / "@2/srv/data/photo"), "the only one");
        EXPECT_EQ(read_file(card_ / "@2/srv/data/deeper/photo"), "the other one");
        EXPECT_EQ(read_file(card_ / "@2/var/lib/lxc/c1/rootfs"), "x");
        EXPECT_TRUE(fs::exists(card_ / "2.info"));
    }

    const std::string odd_ = "\xff\x1b[31m\n";
    SnapshotsCard card_;
    Said rolled_back_;
};

TEST_F(SchnappsNested, RollbackSaysWhatStaysBehindAndWhere) {
    EXPECT_EQ(rolled_back_.status, 0);
    expect_all_named(rolled_back_, "stays behind in the state before, snapshot 2");
    expect_kept();
    const auto there = run({"rollback", "2"});
    EXPECT_EQ(there.status, 0);
    expect_all_named(there, "stays in snapshot 2; the new system has an empty directory in its place");
    EXPECT_FALSE(there.err.contains("stays behind")) << there.err;
    EXPECT_FALSE(fs::exists(card_ / "@/srv/data/photo"));
    EXPECT_TRUE(run({"rollback", "1", "--json"}).out.contains("\"left_behind\": []"));
}

TEST_F(SchnappsNested, DeleteRefusesUnlessTold) {
    for (const auto& arguments :
         {std::vector<std::string>{"delete", "2"}, std::vector<std::string>{"delete", "-t", "rollback"}}) {
        const auto said = run(arguments);
        EXPECT_EQ(said.status, 4) << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains("snapshot 2 holds 5 subvolumes of their own (")) << said.err;
        EXPECT_TRUE(said.err.contains("srv/data, ")) << said.err;
        EXPECT_TRUE(said.err.contains("`schnapps delete --nested 2`")) << said.err;
        expect_kept();
    }
    EXPECT_EQ(run({"delete", "--nested", "2"}).status, 0);
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
}

TEST_F(SchnappsNested, DeletesOthersThatHoldNone) {
    const auto said = run({"delete", "2", "1"});
    EXPECT_EQ(said.status, 4);
    EXPECT_EQ(card_.numbers(), "2");
    expect_kept();
}

TEST_F(SchnappsNested, CleanupKeepsThemAndSaysSo) {
    ASSERT_EQ(run({"create", "-t", "time"}).status, 0);
    write_file(card_ / "@/etc/config/schnapps", "config keep 'keep'\n\toption max_rollback '0'\n");
    for (const auto& arguments :
         {std::vector<std::string>{"cleanup"}, std::vector<std::string>{"cleanup", "--compare"}}) {
        const auto said = run(arguments);
        EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains("kept: snapshot 2 holds 5 subvolumes of their own (")) << said.err;
        expect_kept();
    }
}

/// The type of an old root is no order to delete what lives in it.
TEST_F(SchnappsNested, CommitKeepsThem) {
    ASSERT_EQ(run({"modify", "2", "-t", "save"}).status, 0);
    ASSERT_EQ(run({"create", "-t", "save"}).status, 0);
    EXPECT_EQ(run({"commit"}).status, 0);
    EXPECT_EQ(card_.numbers(), "1 2");
    expect_kept();
}

TEST_F(SchnappsNested, ExportSaysWhatItLeavesOut) {
    const auto out = card_.outside("out");
    fs::create_directory(out);
    const auto said = run({"export", "2", out});
    EXPECT_EQ(said.status, 0) << testing::PrintToString(said);
    expect_all_named(said, "was left out");
    const auto archive =
        out / said.out.substr(said.out.find(" as ") + 4, said.out.find('\n') - said.out.find(" as ") - 4);
    const auto list = run_apart({"tar", "-tzf", archive});
    EXPECT_TRUE(list.out.contains("./srv/data/\n")) << "an empty directory, where it can be mounted";
    EXPECT_FALSE(list.out.contains("photo")) << list.out;
    const auto piped = run({"export", "2", "-"});
    expect_all_named(piped, "was left out");
    EXPECT_EQ(run({"export", "1", out}).err.find("was left out"), std::string::npos);
}

}  // namespace
}  // namespace mox::test_support
