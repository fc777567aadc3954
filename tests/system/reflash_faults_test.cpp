// Mode 4 on a healthy card, with one system call that fails once: the old system is complete after it, or the
// new one, or the card was the reason and was formatted. MOX_SEED=N repeats a choice, MOX_SOAK_SECONDS=N goes
// on for longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/seeds.hpp"
#include "support/small_reflash.hpp"
#include "support/tree_digest.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// One call that a run without faults makes.
struct SystemCall {
    std::string name;
    long number = 0;
    std::string what;
};

struct Fault {
    SystemCall call;
    int error = 0;
};

std::string to_text(const Fault& fault) {
    return fault.call.name + ":" + std::to_string(fault.call.number) + ":" + std::to_string(fault.error) +
           " (" + fault.call.what + ", " + std::generic_category().message(fault.error) + ")";
}

/// What a call may answer on a btrfs, with the machine or the card in a bad state. Not what would be a lie
/// about the card's content (ENOENT, EEXIST, ENOTDIR).
std::vector<int> errors_of(const std::string& call) {
    std::vector<int> errors{EIO, ENOMEM, EROFS, EACCES, EPERM};
    const auto add = [&](std::initializer_list<int> more) { errors.insert(errors.end(), more); };
    const std::set<std::string> writing{"openat",    "write",     "pwrite",    "mkdirat",   "mknodat",
                                        "linkat",    "symlinkat", "fsetxattr", "lsetxattr", "renameat",
                                        "renameat2", "fsync",     "syncfs",    "ioctl",     "ftruncate",
                                        "unlinkat",  "openat2"};
    if (writing.contains(call)) add({ENOSPC, EDQUOT});
    if (call == "openat" || call == "openat2" || call == "fsopen" || call == "fsmount")
        add({EMFILE, ENFILE, EINTR});
    if (call == "linkat") add({EMLINK});
    if (call == "read" || call == "write" || call == "flock") add({EINTR});
    if (call == "ioctl") add({ENOTTY, EBUSY, EINTR});
    if (call == "flock") add({ENOLCK});
    if (call == "fsopen") add({ENODEV});
    if (call == "fsconfig") add({EBUSY, EINVAL, EUCLEAN});
    if (call == "renameat2") add({EINVAL, ENOSYS});
    return errors;
}

/// The card is broken, and formatting it is the cure.
bool card_is_the_reason(int error) {
    return error == EIO || error == EROFS || error == EUCLEAN;
}

/// Every error of every call once, in a random order, then all of them again in another one. The calls of
/// each name come in turn while it has any left, so that the rare ones are among the first.
class Faults {
public:
    Faults(std::vector<SystemCall> calls, std::uint64_t seed) : calls_(std::move(calls)), random_(seed) {
        shuffle();
    }

    const Fault& next() {
        if (next_ == faults_.size()) {
            ++rounds_;
            shuffle();
        }
        return faults_[next_++];
    }

    [[nodiscard]] std::size_t size() const { return faults_.size(); }
    [[nodiscard]] int rounds() const { return rounds_; }  ///< that are complete

private:
    void shuffle() {
        std::map<std::string, std::vector<Fault>> by_name;
        for (const auto& call : calls_)
            for (const auto error : errors_of(call.name)) by_name[call.name].push_back({call, error});
        for (auto& [name, faults] : by_name) std::ranges::shuffle(faults, random_);
        faults_.clear();
        next_ = 0;
        while (!by_name.empty()) {
            for (auto& [name, faults] : by_name) {
                faults_.push_back(std::move(faults.back()));
                faults.pop_back();
            }
            std::erase_if(by_name, [](const auto& group) { return group.second.empty(); });
        }
    }

    std::vector<SystemCall> calls_;
    std::mt19937_64 random_;
    std::vector<Fault> faults_;
    std::size_t next_ = 0;
    int rounds_ = 0;
};

class ReflashFaults : public ::testing::Test {
protected:
    ReflashFaults() {
        small_.put_card(image_);
        id_ = btrfs_id(image_);
        const MountedImage card(image_, partition_start, "btrfs");
        for (const auto& name : old_names_) old_[name] = describe_tree(card / name);
    }

    ChildResult run(const std::string& fault) {
        AttachedImage card(image_);
        const AttachedImage stick(small_.stick(), Writing::forbidden);
        fs::remove(log_);
        auto result =
            small_.run_mode(MOX_RESCUE_PROGRAM, "4", card.node(), stick.node(),
                            {"LD_PRELOAD=" MOX_FAULT_SHIM, "MOX_FAULT=" + fault,
                             "MOX_FAULT_LOG=" + log_.native(), "ASAN_OPTIONS=verify_asan_link_order=0"});
        card.detach();
        return result;
    }

    std::vector<SystemCall> calls_of_a_run() {
        const auto result = run("none:0:0");
        if (result.exit_status != 0) throw std::runtime_error(result.output);
        std::vector<SystemCall> calls;
        std::ifstream log(log_);
        for (std::string line; std::getline(log, line);) {
            std::istringstream words(line);
            SystemCall call;
            words >> call.name >> call.number >> std::ws;
            std::getline(words, call.what);
            calls.push_back(std::move(call));
        }
        return calls;
    }

    [[nodiscard]] bool was_hit() const { return read_file(log_).contains("!"); }

    void expect_old_system(const fs::path& card) {
        for (const auto& [name, description] : old_)
            EXPECT_EQ(difference(description, describe_tree(card / name)), "") << name;
        for (const auto* kept : {"1.info", "2.info", "boot.scr"})
            EXPECT_TRUE(fs::exists(fs::symlink_status(card / kept))) << kept;
    }

    void expect_new_system(const fs::path& card, bool is_finished) {
        EXPECT_EQ(difference(small_.new_system(), describe_system(card / "@")), "");
        if (!is_finished) return;
        EXPECT_EQ(names_in(card), (std::vector<std::string>{"@", "@factory", "boot.scr"}));
        EXPECT_EQ(difference(small_.new_system(), describe_system(card / "@factory")), "");
    }

    /// What the run has left; tells which of the three it was.
    std::string examine(const Fault& fault, int exit_status) {
        EXPECT_TRUE(exit_status >= 0 && exit_status <= 5);
        const bool formatted = btrfs_id(image_) != id_;
        const MountedImage card(image_, partition_start, "btrfs");
        if (formatted) {
            EXPECT_TRUE(card_is_the_reason(fault.error)) << "a healthy card was formatted";
            EXPECT_EQ(exit_status, 0);
            expect_new_system(card.path(), true);
            return "formatted";
        }
        if (read_file(card / "@/etc/turris-version") == std::string(small_old_version) + "\n") {
            EXPECT_NE(exit_status, 0);
            expect_old_system(card.path());
            return "old system";
        }
        expect_new_system(card.path(), exit_status == 0);
        return exit_status == 0 ? "new system" : "new system, not finished";
    }

    void expect_next_run_finishes() {
        const auto result = run("none:0:0");
        EXPECT_EQ(result.exit_status, 0) << result.output;
        const MountedImage card(image_, partition_start, "btrfs");
        expect_new_system(card.path(), true);
    }

    const std::vector<std::string> old_names_{"@", "@1", "@2", "@factory", "containers"};
    SmallReflash small_;
    fs::path image_ = small_.folder() / "card.img";
    fs::path log_ = small_.folder() / "faults.log";
    std::string id_;
    std::map<std::string, std::string> old_;
};

// What the random choice has found, each of the calls in turn: a healthy card was formatted for it.
TEST_F(ReflashFaults, ThatOnceHadAHealthyCardFormattedLeaveTheOldSystemOrTheNewOne) {
    const std::vector<Fault> found{{{"fsconfig", 0, "ro"}, EINVAL},
                                   {{"openat", 0, "@"}, EACCES},
                                   {{"ioctl", 0, "0xd000941e"}, ENOTTY}};  // BTRFS_IOC_DEV_INFO
    const auto calls = calls_of_a_run();
    for (const auto& [wanted, error] : found) {
        int hits = 0;
        for (const auto& call : calls) {
            if (call.name != wanted.name || call.what != wanted.what) continue;
            const Fault fault{call, error};
            SCOPED_TRACE(to_text(fault));
            small_.put_card(image_);
            const auto result =
                run(call.name + ":" + std::to_string(call.number) + ":" + std::to_string(error));
            if (!was_hit()) continue;
            ++hits;
            examine(fault, result.exit_status);
            ASSERT_FALSE(HasFailure()) << result.output;
        }
        EXPECT_GT(hits, 0) << wanted.name << " of " << wanted.what << " is not called any more";
    }
}

TEST_F(ReflashFaults, LeaveTheOldSystemOrTheNewOneAndFormatOnlyWhenTheCardIsTheReason) {
    const auto seed = test_seed();
    Faults faults(calls_of_a_run(), seed);
    ASSERT_GT(faults.size(), 1000U) << "the shim was not loaded";

    const SoakClock clock(25s);
    std::map<std::string, int> endings;
    int trials = 0;
    do {
        const auto& fault = faults.next();
        SCOPED_TRACE("MOX_SEED=" + std::to_string(seed) + ", trial " + std::to_string(trials) + ": " +
                     to_text(fault));
        small_.put_card(image_);
        const auto result = run(fault.call.name + ":" + std::to_string(fault.call.number) + ":" +
                                std::to_string(fault.error));
        // How the work is spread over threads differs from run to run.
        if (!was_hit()) continue;
        ++endings[examine(fault, result.exit_status)];
        if (++trials % 4 == 0) expect_next_run_finishes();
        ASSERT_FALSE(HasFailure()) << result.output;
    } while (!clock.is_over());
    std::cout << trials << " faults (all of " << faults.size() << " " << faults.rounds() << " times):";
    for (const auto& [ending, count] : endings) std::cout << " " << ending << " " << count << ";";
    std::cout << "\n";
}

}  // namespace
}  // namespace mox::test_support
