// Mounted subvolumes: no command deletes one, and a rollback leaves no directory behind that shows the old
// state without a word.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "schnapps_run.hpp"
#include "snapshots_card.hpp"
#include "support/first_partition.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"
#include "support/seeds.hpp"
#include "support/small_reflash.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

/// From here on the mounts of this process, and the list of those of `mox-rescue mount`, are its own.
void enter_own_mount_namespace() {
    static const bool done = [] {
        fs::create_directories("/run/mox-rescue");
        return ::unshare(CLONE_NEWNS) == 0 &&
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("none", "/run/mox-rescue", "tmpfs", 0, nullptr) == 0;
    }();
    if (!done) throw std::system_error(errno, std::generic_category(), "mount namespace");
}

/// A mount that the test makes, and ends.
class TestMount {
public:
    TestMount(const fs::path& node, const std::string& subvolume, fs::path place) : place_(std::move(place)) {
        fs::create_directories(place_);
        if (::mount(node.c_str(), place_.c_str(), "btrfs", 0, ("subvol=" + subvolume).c_str()) != 0) fail();
    }
    /// A bind mount.
    TestMount(const fs::path& directory, fs::path place) : place_(std::move(place)) {
        fs::create_directories(place_);
        if (::mount(directory.c_str(), place_.c_str(), nullptr, MS_BIND, nullptr) != 0) fail();
    }
    TestMount(TestMount&& other) noexcept : place_(std::exchange(other.place_, {})) {}
    TestMount& operator=(TestMount&& other) noexcept {
        std::swap(place_, other.place_);
        return *this;
    }
    TestMount(const TestMount&) = delete;
    TestMount& operator=(const TestMount&) = delete;
    ~TestMount() { end(); }

    void end() {
        if (!place_.empty()) ::umount2(place_.c_str(), 0);
        place_.clear();
    }

private:
    void fail() const {
        throw std::system_error(errno, std::generic_category(), "mount on " + place_.native());
    }

    fs::path place_;
};

class SchnappsMounted : public testing::Test {
protected:
    SchnappsMounted() {
        enter_own_mount_namespace();
        fs::create_directories(directory_);
    }
    ~SchnappsMounted() override {
        while (::umount2(directory_.c_str(), 0) == 0) {
        }
    }

    Said run(std::vector<std::string> arguments) const {
        return schnapps(card_.node().native(), std::move(arguments));
    }
    void snapshot(const std::string& version) const {
        card_.set_version(version);
        ASSERT_EQ(run({"create", "-t", "time", version}).status, 0);
    }
    Said mox_rescue_mount() const {
        return run_apart({MOX_RESCUE_PROGRAM, "mount", directory_.native(), "--card", card_.node().native()});
    }
    void expect_refused(const Said& said, const fs::path& place) const {
        EXPECT_EQ(said.status, 4) << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains(" is mounted on " + place.native())) << said.err;
        EXPECT_TRUE(said.err.contains("hint: unmount it first: umount ")) << said.err;
    }

    SnapshotsCard card_;
    fs::path directory_ = card_.outside("card");
};

TEST_F(SchnappsMounted, DeleteRefusesAndSaysWhereItIsMounted) {
    snapshot("one");
    const auto place = card_.outside("a b");
    TestMount mount(card_.node(), "@1", place);
    const auto said = run({"delete", "1"});
    expect_refused(said, place);
    EXPECT_TRUE(said.err.contains("umount '" + place.native() + "'\n")) << said.err;
    EXPECT_EQ(read_file(place / "etc/version"), "one");
    EXPECT_EQ(card_.names(), "1.info @ @1 @factory");
    mount.end();
    EXPECT_EQ(run({"delete", "1"}).status, 0);
}

TEST_F(SchnappsMounted, ADirectoryInItOrASubvolumeInItCountsToo) {
    snapshot("one");
    const auto place = card_.outside("place");
    const TestMount top(card_.node(), "/", card_.outside("top"));
    {
        const TestMount bound(card_.outside("top") / "@1/etc", place);
        expect_refused(run({"delete", "1"}), place);
    }
    must(storage::create_subvolume(
        must(open_file(card_ / "@", O_RDONLY | O_DIRECTORY, ErrorKind::card)).get(), "srv"));
    card_.set_version("two");
    ASSERT_EQ(run({"rollback", "1"}).status, 0);
    const TestMount nested(card_.node(), "@2/srv", place);
    expect_refused(run({"delete", "--nested", "2"}), place);
    EXPECT_EQ(card_.version("@2"), "two");
}

// Each file system counts its subvolumes from 256.
TEST_F(SchnappsMounted, ASubvolumeOfAnotherCardIsAnotherOne) {
    const SnapshotsCard other;
    snapshot("one");
    ASSERT_EQ(schnapps(other.node().native(), {"create"}).status, 0);
    const TestMount mount(other.node(), "@1", card_.outside("other"));
    EXPECT_EQ(run({"delete", "1"}).status, 0);
    expect_refused(schnapps(other.node().native(), {"delete", "1"}), card_.outside("other"));
}

TEST_F(SchnappsMounted, CleanupSkipsItAndGoesOn) {
    for (int i = 1; i <= 8; ++i) snapshot(std::to_string(i));
    const TestMount mount(card_.node(), "@2", card_.outside("two"));
    const auto said = run({"cleanup"});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_TRUE(said.err.contains("kept: snapshot 2 is mounted on " + card_.outside("two").native() +
                                  "; unmount it first: umount "))
        << said.err;
    EXPECT_EQ(card_.numbers(), "2 4 5 6 7 8") << said.err;
    const auto compare = run({"cleanup", "--compare", "--dry-run"});
    EXPECT_TRUE(compare.err.contains("snapshot 2 is mounted on")) << compare.err;
}

TEST_F(SchnappsMounted, TheFactoryImageIsNotReplacedWhileItIsMounted) {
    ASSERT_EQ(run({"export", card_.outside("").native()}).status, 0);
    fs::path archive;
    for (const auto& entry : fs::directory_iterator(card_.outside("")))
        if (entry.path().native().ends_with(".tar.gz")) archive = entry.path();
    const auto factory = card_.outside("factory");
    TestMount mount(card_.node(), "@factory", factory);
    expect_refused(run({"import", "-f", "--force", archive.native()}), factory);
    EXPECT_EQ(read_file(factory / "etc/version"), "factory");
    // Before the download.
    expect_refused(run({"update-factory", "https://there-is-no-such-server.invalid/medkit.tar.gz"}), factory);
    mount.end();
    EXPECT_EQ(run({"import", "-f", "--force", archive.native()}).status, 0);
    EXPECT_EQ(card_.version("@factory"), "now");
}

TEST_F(SchnappsMounted, TheRestOfAnInterruptedDeletionWaits) {
    snapshot("one");
    fs::rename(card_ / "@1", card_ / "@delete.1");
    TestMount mount(card_.node(), "@delete.1", card_.outside("place"));
    const auto said = run({"create"});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_TRUE(said.err.contains("is mounted on " + card_.outside("place").native())) << said.err;
    EXPECT_EQ(read_file(card_.outside("place") / "etc/version"), "one");
    mount.end();
    EXPECT_EQ(run({"create"}).status, 0);
    EXPECT_FALSE(card_.names().contains("@delete")) << card_.names();
}

// Mode 5's own flow: mount, roll back, edit, reboot.
TEST_F(SchnappsMounted, AfterARollbackTheDirectoryOfMoxRescueMountShowsTheNewSystem) {
    snapshot("good");
    card_.set_version("bad");
    ASSERT_EQ(mox_rescue_mount().status, 0);
    const auto said = run({"rollback", "1"});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_TRUE(said.err.contains(directory_.native() + " was mounted again and shows the new system now\n"))
        << said.err;
    EXPECT_EQ(read_file(directory_ / "etc/version"), "good");
    write_file(directory_ / "etc/version", "repaired");
    EXPECT_EQ(card_.version("@"), "repaired");
    EXPECT_EQ(card_.version("@2"), "bad");
    // By its directory as well, and again.
    EXPECT_EQ(schnapps(directory_.native(), {"rollback", "2"}).status, 0);
    EXPECT_EQ(read_file(directory_ / "etc/version"), "bad");
    EXPECT_EQ(schnapps(directory_.native(), {"create"}).status, 0);
    EXPECT_EQ(card_.version("@4"), "bad");
}

TEST_F(SchnappsMounted, ADirectoryInUseStaysAndTheUserIsTold) {
    snapshot("good");
    card_.set_version("bad");
    ASSERT_EQ(mox_rescue_mount().status, 0);
    RunningProgram shell({"sh", "-c", "cd \"$0\" && echo inside && exec sleep 1000", directory_.native()});
    shell.wait_for("inside");
    const auto said = run({"--json", "rollback", "1"});
    EXPECT_EQ(said.status, 0) << said.err;
    EXPECT_TRUE(said.err.contains(directory_.native() + " still shows the state before, snapshot 2"))
        << said.err;
    EXPECT_TRUE(said.err.contains("a program uses it")) << said.err;
    EXPECT_TRUE(said.err.contains("umount " + directory_.native() + " && mount -o subvol=@ " +
                                  card_.node().native() + " " + directory_.native()))
        << said.err;
    EXPECT_TRUE(said.out.contains("\"old_state_mounted_on\": [\n    \"" + directory_.native() + "\""))
        << said.out;
    EXPECT_EQ(read_file(directory_ / "etc/version"), "bad");
    expect_refused(run({"delete", "2"}), directory_);
    const auto busy = mox_rescue_mount();
    EXPECT_EQ(busy.status, 3) << busy.err;
    EXPECT_TRUE((busy.err + busy.out).contains("a program uses it")) << busy.err;
    shell.send_to_group(SIGKILL);
    shell.wait();
    EXPECT_EQ(mox_rescue_mount().status, 0);
    EXPECT_EQ(read_file(directory_ / "etc/version"), "good");
}

TEST_F(SchnappsMounted, WhatAnotherProgramHasMountedStaysAndTheUserIsTold) {
    snapshot("good");
    card_.set_version("bad");
    const TestMount by_hand(card_.node(), "@", directory_);
    const auto said = run({"rollback", "1"});
    EXPECT_EQ(said.status, 0) << said.err;
    const auto again = "umount " + directory_.native() + " && mount -o subvol=@ " + card_.node().native() +
                       " " + directory_.native();
    EXPECT_TRUE(said.err.contains("still shows the state before, snapshot 2")) << said.err;
    EXPECT_TRUE(said.err.contains(again)) << said.err;
    EXPECT_EQ(read_file(directory_ / "etc/version"), "bad");
    const auto kept = mox_rescue_mount();
    EXPECT_EQ(kept.status, 3) << testing::PrintToString(kept);
    EXPECT_TRUE((kept.err + kept.out).contains("shows @2, not the card's system")) << kept.err << kept.out;
}

TEST_F(SchnappsMounted, CommandsOnADirectoryWithTheOldStateRefuseOrWarn) {
    snapshot("good");
    card_.set_version("bad");
    const TestMount by_hand(card_.node(), "@", directory_);
    ASSERT_EQ(run({"rollback", "1"}).status, 0);
    const auto place = directory_.native();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"create"}, {"savepoint", "1"}, {"export", card_.outside("").native()}}) {
        const auto said = schnapps(place, words);
        EXPECT_EQ(said.status, 4) << words.front() << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains(place + " shows snapshot 2, the state before a rollback")) << said.err;
        EXPECT_TRUE(said.err.contains("hint: mount that (umount " + place)) << said.err;
    }
    EXPECT_EQ(card_.numbers(), "1 2");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"cmp"}, {"diff", "1"}, {"cleanup"}, {"rollback", "1"}}) {
        const auto said = schnapps(place, words);
        EXPECT_EQ(said.status, 0) << words.front() << testing::PrintToString(said);
        EXPECT_TRUE(said.err.contains("warning: " + place + " shows snapshot 2"))
            << words.front() << said.err;
    }
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"list"}, {"cmp", "1", "2"}, {"export", "1", card_.outside("").native()}})
        EXPECT_FALSE(schnapps(place, words).err.contains(" shows ")) << words.front();
    EXPECT_EQ(run({"create"}).status, 0) << "by its device";
}

/// A mounted subvolume is what it was, whatever is run.
class RandomMounts : public SchnappsMounted {
protected:
    unsigned pick(unsigned count) { return std::uniform_int_distribution<unsigned>(0, count - 1)(random_); }

    std::string random_snapshot() {
        std::vector<std::string> names{"factory"};
        for (const auto& one : must(snapshots::list_snapshots(card_.top())))
            names.push_back(snapshots::to_text(one.number));
        return names.at(pick(static_cast<unsigned>(names.size())));
    }

    void mount_one() {
        const auto name = pick(4) == 0 ? std::string("@") : "@" + random_snapshot();
        const auto place = card_.outside("m" + std::to_string(count_++));
        mounts_.emplace(place, TestMount(card_.node(), name, place));
        // The current system may change as long as it is `@`.
        content_[place] = read_file(place / "etc/version");
    }

    std::vector<std::string> random_command() {
        switch (pick(7)) {
            case 0:
                return {"create", "-t", pick(2) == 0 ? "time" : "pre"};
            case 1:
                return {"delete", random_snapshot()};
            case 2:
                return {"delete", "1-" + std::to_string(1 + pick(9))};
            case 3:
                return {"cleanup"};
            case 4:
                return {"cleanup", "--compare"};
            case 5:
                return {"delete", "-t", pick(2) == 0 ? "time" : "rollback"};
            default:
                return {"rollback", random_snapshot()};
        }
    }

    void step() {
        if (pick(3) == 0) mount_one();
        if (pick(5) == 0 && !mounts_.empty()) {
            const auto place = std::next(mounts_.begin(), pick(static_cast<unsigned>(mounts_.size())))->first;
            mounts_.erase(place);
            content_.erase(place);
        }
        const auto words = random_command();
        const auto said = run(words);
        trace_ += words.front() + (words.size() > 1 ? " " + words.back() : "") + "\n" + said.err;
        for (const auto& [place, version] : content_)
            ASSERT_EQ(read_file(fs::path(place) / "etc/version"), version) << place << "\n" << trace_;
    }

    std::mt19937_64 random_;
    unsigned count_ = 0;
    std::map<std::string, TestMount> mounts_;
    std::map<std::string, std::string> content_;
    std::string trace_;
};

TEST_F(RandomMounts, NeverLoseTheirFiles) {
    random_.seed(test_seed());
    const SoakClock clock(std::chrono::seconds(8));
    unsigned steps = 0;
    for (; !clock.is_over() && !HasFatalFailure(); ++steps) step();
    std::cout << steps << " steps\n";
    EXPECT_GT(count_, 2U);
}

// Mode 4 on a PC, or in the rescue shell after `mox-rescue mount`: before anything is written.
TEST(ReflashOfAMountedCard, IsRefusedAndTheCardIsUnchanged) {
    enter_own_mount_namespace();
    const SmallReflash reflash;
    const auto card = reflash.folder() / "mounted-card";
    reflash.put_card(card);
    const LoopImage loop(card);
    const AttachedImage stick(reflash.stick());
    const auto place = reflash.folder() / "place";
    TestMount mount(register_first_partition(loop), "@", place);
    const auto said = reflash.run_mode(MOX_RESCUE_PROGRAM, "4", loop.node(), stick.node());
    EXPECT_EQ(said.exit_status, 3) << said.output;
    EXPECT_TRUE(said.output.contains("is mounted on " + fs::path(place).native())) << said.output;
    EXPECT_TRUE(said.output.contains("hint: ")) << said.output;
    EXPECT_EQ(read_file(place / "etc/turris-version"), std::string(small_old_version) + "\n");
    mount.end();
    const auto done = reflash.run_mode(MOX_RESCUE_PROGRAM, "4", loop.node(), stick.node());
    EXPECT_EQ(done.exit_status, 0) << done.output;
}

}  // namespace
}  // namespace mox::test_support
