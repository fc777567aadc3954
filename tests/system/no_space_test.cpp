// Everything that writes, with no space: real full file systems, and each writing system call that fails once
// with ENOSPC or EDQUOT. Every message says what is full and what to do, and shows no name that the user
// cannot know. MOX_SEED=N repeats a choice, MOX_SOAK_SECONDS=N goes on for longer.

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <cerrno>
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

#include "schnapps_run.hpp"
#include "storage/subvolume.hpp"
#include "support/first_partition.hpp"
#include "support/full_card.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/seeds.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::array forbidden{
    "/proc/",         ".new",         "XXXXXX", "@create", "@rollback",     "@reflash",  "@delete",
    "@backup",        "@savepoint",   ".mox-",  "memfd",   "schnapps-gpg-", "(deleted)", "rollback.journal",
    "savepoint.info", "reflash.erase"};

constexpr std::array what_is_full{"the card is full",
                                  "the card has no free space",
                                  "the card is full of data",
                                  "the file system on ",
                                  "the RAM disk on ",
                                  "a quota of ",
                                  "the limit of a quota group is reached",
                                  "takes no more data",
                                  "is too small",
                                  "a file system is full; `df` shows which",
                                  "a quota is reached"};

constexpr std::array what_to_do{"`schnapps delete N`", "free space in ", "delete files", "use a larger",
                                "write to another place"};

bool holds_one_of(const std::string& text, const auto& parts) {
    return std::ranges::any_of(parts, [&](const char* part) { return text.contains(part); });
}

/// A program with its outputs in one text.
struct Ended {
    int status = 0;
    std::string text;
};

bool is_about_space(const Ended& ended) {
    return ended.text.contains("No space left on device") || ended.text.contains("Disk quota exceeded") ||
           (ended.status != 0 && ended.text.contains("is full"));
}

void expect_helpful(const Ended& ended, const std::string& of) {
    const auto& said = ended.text;
    for (const auto* part : forbidden)
        EXPECT_FALSE(said.contains(part)) << of << " shows " << part << ":\n" << said;
    if (!is_about_space(ended)) return;
    EXPECT_TRUE(holds_one_of(said, what_is_full)) << of << " does not tell what is full:\n" << said;
    EXPECT_TRUE(holds_one_of(said, what_to_do)) << of << " does not tell what to do:\n" << said;
}

using Words = std::vector<std::string>;

std::string text_of(const Words& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

Ended run_to_end(const Words& words) {
    auto said = run_apart(words);
    return {said.status, said.err + said.out};
}

class NoSpace : public testing::Test {
protected:
    NoSpace() {
        make_tree(folder_ / "tree");
        write_file(folder_ / "short", "text\n");
        run({MEDKIT_PROGRAM, "keygen", (folder_ / "key").native()});
        run({MEDKIT_PROGRAM, "pack", (folder_ / "tree").native(), "-o", archive_.native()});
    }
    ~NoSpace() override { unmount(); }

    static void make_tree(const fs::path& root) {
        for (const auto* name : {"etc/turris-version", "boot/Image", "boot/armada-3720-turris-mox.dtb",
                                 "boot/boot.scr", "bin/busybox"})
            write_file(root / name, std::string(5000, name[0]));
    }

    void mount(const std::string& node, const std::string& type, const std::string& options) {
        fs::create_directories(place_);
        if (::mount(node.c_str(), place_.c_str(), type.c_str(), 0, options.c_str()) != 0)
            throw std::system_error(errno, std::generic_category(), "mount");
    }
    void unmount() const {
        if (fs::exists(place_)) ::umount2(place_.c_str(), 0);
    }

    /// Programs that write files into the directory `to`.
    [[nodiscard]] std::vector<Words> writers_into(const std::string& to) const {
        const auto tree = (folder_ / "tree").native();
        const auto key = (folder_ / "key.sec").native();
        std::vector<Words> all{
            {MEDKIT_PROGRAM, "pack", tree, "-o", to + "/packed.tar.gz"},
            {MEDKIT_PROGRAM, "pack", tree, "--key", key, "-o", to + "/packed.tar.gz"},
            {MEDKIT_PROGRAM, "keygen", to + "/new"},
            {MEDKIT_PROGRAM, "keygen", "--force", to + "/new"},
            {MEDKIT_PROGRAM, "keygen", "--force", "--directory", to + "/keys", to + "/new"},
            {MEDKIT_PROGRAM, "sign", to + "/short", "--key", key},
        };
        for (const Words& words :
             {Words{MEDKIT_PROGRAM, "inspect", archive_.native()}, Words{MEDKIT_PROGRAM, "--help"},
              Words{SCHNAPPS_PROGRAM, "--help"}, Words{MOX_RESCUE_PROGRAM, "--version"},
              Words{MOX_BUTTON_PROGRAM, "--check"}}) {
            Words shell{"sh", "-c", "exec \"$@\" >" + to + "/output", "sh"};
            shell.insert(shell.end(), words.begin(), words.end());
            all.push_back(std::move(shell));
        }
        return all;
    }

    /// Commands that write on the card `node`, whose root is mounted on `place_` for those that want a
    /// directory.
    [[nodiscard]] std::vector<Words> writers_on(const LoopImage& card) const {
        const auto node = card.partition().native();
        const auto schnapps = [&](Words words) {
            words.insert(words.begin(), {SCHNAPPS_PROGRAM, "-d", node});
            return words;
        };
        return {
            schnapps({"create", "one"}),
            schnapps({"modify", "1", "-d", std::string(200, 'd')}),
            schnapps({"savepoint", "--no-reboot", "1"}),
            schnapps({"commit"}),
            schnapps({"import", "--force", archive_.native()}),
            schnapps({"import", "-f", "--force", archive_.native()}),
            schnapps({"export", "1", place_.native()}),
            schnapps({"export", place_.native()}),
            schnapps({"rollback", "1"}),
            schnapps({"quota", "on"}),
            schnapps({"delete", "1"}),
            schnapps({"cleanup"}),
            {MOX_RESCUE_PROGRAM, "run", "rollback", "--yes", "--card", card.node().native()},
            {MOX_RESCUE_PROGRAM, "run", "factory-reset", "--yes", "--card", card.node().native()},
        };
    }

    RamFolder folder_;
    const fs::path archive_ = folder_ / "packed.tar.gz";
    const fs::path place_ = folder_ / "place";
};

/// `@`, `@factory` and `@1`.
void make_snapshots(const LoopImage& card) {
    format(card.partition(), "btrfs");
    const WritableMount mount(card.partition(), "btrfs");
    must(storage::create_subvolume(mount.root(), "@"));
    write_file(mount / "@/etc/version", "now");
    for (const auto* name : {"@factory", "@1"})
        must(storage::snapshot_subvolume(mount.root(), "@", name, storage::Access::read_only));
    write_file(mount / "1.info",
               "TYPE=\"single\"\nDESCRIPTION=\"one\"\nCREATED=\"2026-10-01 12:00:00 +0000\"\n");
}

void run_all(const std::vector<Words>& commands, std::size_t least_failures) {
    std::size_t about_space = 0;
    for (const auto& words : commands) {
        const auto ended = run_to_end(words);
        expect_helpful(ended, text_of(words));
        if (is_about_space(ended))
            ++about_space;
        else
            std::cout << "not full: " << text_of(words) << ": " << ended.status << " " << ended.text;
    }
    EXPECT_GE(about_space, least_failures) << "nothing was full";
}

TEST_F(NoSpace, InMemory) {
    mount("none", "tmpfs", "size=64k");
    write_file(place_ / "short", "text\n");
    fill_with_data(place_);
    run_all(writers_into(place_), 7);
}

TEST_F(NoSpace, OnAStick) {
    const LoopImage stick(folder_ / "stick", Bytes{4ULL << 20});
    format(stick.node(), "ext4");
    mount(stick.node(), "ext4", "");
    write_file(place_ / "short", "text\n");
    fill_with_data(place_);
    run_all(writers_into(place_), 7);
}

TEST_F(NoSpace, OnADeviceThatTakesNothing) {
    Words words{"sh", "-c", "exec \"$@\" >/dev/full", "sh", MEDKIT_PROGRAM, "--help"};
    run_all({words}, 1);
}

// A relative path, from the full directory.
TEST_F(NoSpace, InTheWorkingDirectory) {
    mount("none", "tmpfs", "size=64k");
    fill_with_data(place_);
    run_all({{"sh", "-c", "cd \"$0\" && exec \"$1\" keygen new", place_.native(), MEDKIT_PROGRAM},
             {"sh", "-c", "cd \"$0\" && exec \"$1\" pack \"$2\" -o packed.tar.gz", place_.native(),
              MEDKIT_PROGRAM, (folder_ / "tree").native()}},
            2);
}

class NoSpaceOnCard : public NoSpace {
protected:
    void try_all(const FullCard& how, std::size_t least_failures) {
        SCOPED_TRACE(to_text(how));
        const LoopImage card(folder_ / "card", how.size, PartitionTable::one_primary);
        make_full_card(card.partition(), how);
        mount(card.partition().native(), "btrfs", "subvol=@");
        std::size_t about_space = 0;
        for (const auto& words : writers_on(card)) {
            if (words.front() == MOX_RESCUE_PROGRAM) unmount();  // it takes no card in use
            const auto ended = run_to_end(words);
            expect_helpful(ended, text_of(words));
            if (is_about_space(ended)) ++about_space;
        }
        EXPECT_GE(about_space, least_failures);
        unmount();
    }
};

TEST_F(NoSpaceOnCard, FullOfData) {
    try_all({.snapshots = 3, .filled = FilledWith::data, .only_by_hand = true}, 3);
}

TEST_F(NoSpaceOnCard, FullOfBoth) {
    try_all({.snapshots = 3, .filled = FilledWith::both, .only_by_hand = true}, 5);
}

TEST_F(NoSpaceOnCard, WithALimitOfAQuota) {
    const LoopImage card(folder_ / "card", Bytes{256ULL << 20}, PartitionTable::one_primary);
    make_snapshots(card);
    mount(card.partition().native(), "btrfs", "subvol=/");
    run({"btrfs", "quota", "enable", place_.native()});
    run({"btrfs", "quota", "rescan", "-w", place_.native()});
    for (const auto* name : {"", "@", "@factory", "@1"})
        run({"btrfs", "qgroup", "limit", "64k", (place_ / name).native()});
    run_all(writers_on(card), 1);
}

/// One writing system call that fails, of all that the commands make.
class NoSpaceOnce : public NoSpaceOnCard {
protected:
    struct Fault {
        std::string call;
        long number = 0;
    };

    NoSpaceOnce() {
        const LoopImage card(pristine_, Bytes{256ULL << 20}, PartitionTable::one_primary);
        make_snapshots(card);
    }

    /// Runs a command on a fresh card.
    Ended run_with(std::size_t command, const std::string& fault) {
        fs::remove(log_);
        run({"cp", "--sparse=always", pristine_.native(), image_.native()});
        const LoopImage card(image_);
        const auto partition = register_first_partition(card);
        mount(partition.native(), "btrfs", "subvol=@");
        write_file(place_ / "short", "text\n");
        auto all = writers_on(card);
        for (auto& words : writers_into(place_)) all.push_back(std::move(words));
        Words words{"env", "LD_PRELOAD=" MOX_FAULT_SHIM, "MOX_FAULT=" + fault,
                    "MOX_FAULT_LOG=" + log_.native(), "ASAN_OPTIONS=verify_asan_link_order=0"};
        words.insert(words.end(), all.at(command).begin(), all.at(command).end());
        if (all.at(command).front() == MOX_RESCUE_PROGRAM) unmount();  // it takes no card in use
        count_ = all.size();
        name_ = text_of(all.at(command));
        auto ended = run_to_end(words);
        unmount();
        return ended;
    }

    std::vector<Fault> faults_of(std::size_t command) {
        static const std::set<std::string> writing{
            "openat",    "write",    "pwrite",    "mkdirat", "mknodat", "linkat", "symlinkat", "fsetxattr",
            "lsetxattr", "renameat", "renameat2", "fsync",   "syncfs",  "ioctl",  "ftruncate"};
        (void)run_with(command, "none:0:0");
        std::vector<Fault> faults;
        std::ifstream log(log_);
        for (std::string line; std::getline(log, line);) {
            std::istringstream words(line);
            Fault fault;
            words >> fault.call >> fault.number;
            if (writing.contains(fault.call)) faults.push_back(fault);
        }
        return faults;
    }

    static constexpr std::size_t least_faults = 12;
    static constexpr std::size_t faults_in_turn = 4;

    const fs::path pristine_ = folder_ / "pristine";
    const fs::path image_ = folder_ / "card";
    const fs::path log_ = folder_ / "log";
    std::size_t count_ = 1;  ///< of commands; known after the first run
    std::string name_;
};

TEST_F(NoSpaceOnce, EveryMessageHelps) {
    std::mt19937_64 random(test_seed());
    const SoakClock clock(12s);
    std::map<std::size_t, std::vector<Fault>> known;
    std::size_t tried = 0;
    std::size_t told = 0;
    // A few faults of each command in turn: to list those of all takes as long as to try a hundred.
    for (std::size_t turn = random() % 100; !clock.is_over() || tried < least_faults; ++turn) {
        const auto command = turn % count_;
        if (!known.contains(command)) known[command] = faults_of(command);
        const auto& faults = known[command];
        for (std::size_t i = 0; i < faults_in_turn && !faults.empty(); ++i, ++tried) {
            const auto& fault = faults.at(random() % faults.size());
            const int error = random() % 3 == 0 ? EDQUOT : ENOSPC;
            const auto text = fault.call + ":" + std::to_string(fault.number) + ":" + std::to_string(error);
            const auto ended = run_with(command, text);
            expect_helpful(ended, text + " of " + name_);
            if (is_about_space(ended)) ++told;
        }
    }
    std::cout << tried << " faults of " << known.size() << " commands, " << told << " messages\n";
    EXPECT_GT(told, 0U);
}

}  // namespace
}  // namespace mox::test_support
