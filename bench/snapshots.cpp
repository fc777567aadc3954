// Snapshots against what a person would do by hand: list, create, rollback with btrfs-progs, and cmp with
// diff -rq, on a root of 10,000 files with 100 snapshots on a loop device. Ours runs in this process, with
// the time of starting a program (true) added to each figure. Ends with "snapshots ratio=... bar=...
// ok|short"; the exit status says the same. The ratio is the worst of all requirements, each as the part that
// is used of what is allowed: 1.00 is just met.

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "pairs.hpp"
#include "snapshots/card_lock.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/compare.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots_card.hpp"

namespace mox::bench {

namespace {

using test_support::must;

constexpr double bar = 1.0;
constexpr std::size_t files_of_a_root = 10'000;
constexpr std::uint32_t number_of_snapshots = 100;
constexpr int pairs = 5;

// What is required, in milliseconds, and as a factor.
constexpr double list_limit = 50;
constexpr double change_limit = 150;  ///< plus the file system's own sync
constexpr double cmp_speedup = 100;
/// A hundred times the files may cost this much more: the tree is deeper, the directories are more.
constexpr double cmp_growth = 3;

double milliseconds(const std::function<void()>& work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Runs a program; `also_allowed` is an exit status that is no failure (diff's "there are differences").
void run(const std::vector<std::string>& argv, int also_allowed = 0) {
    const auto result = must(run_child(argv, std::chrono::minutes(10)));
    if (!result.succeeded() && result.exit_status != also_allowed)
        throw std::runtime_error(argv.front() + " failed: " + result.output);
}

/// The requirements, and how much of each was used.
class Verdict {
public:
    void require(const std::string& what, double used) {
        std::cout << "    " << what << ": " << std::setprecision(3) << used << " of what is allowed"
                  << (used <= bar ? "" : "  <- SHORT") << '\n';
        worst_ = std::max(worst_, used);
    }
    /// The last line, and the exit status.
    [[nodiscard]] int finish() const {
        const bool good = worst_ <= bar;
        std::cout << std::fixed << std::setprecision(3) << "snapshots ratio=" << worst_ << " bar=" << bar
                  << ' ' << (good ? "ok" : "short") << '\n';
        return good ? 0 : 1;
    }

private:
    double worst_ = 0;
};

struct Paired {
    double ours = 0;
    double theirs = 0;
};

/// Both ways several times, in alternating order, `prepare` before each.
Paired measured(const std::string& what, const std::string& peer, int times,
                const std::function<void()>& prepare, const std::function<void()>& ours,
                const std::function<void()>& theirs) {
    std::vector<double> our_times;
    std::vector<double> their_times;
    const auto run_ours = [&] {
        prepare();
        our_times.push_back(milliseconds([&] {
            run({"true"});
            ours();
        }));
    };
    const auto run_theirs = [&] {
        prepare();
        their_times.push_back(milliseconds(theirs));
    };
    for (int i = 0; i < times; ++i) {
        i % 2 == 0 ? run_ours() : run_theirs();
        i % 2 == 0 ? run_theirs() : run_ours();
    }
    const Paired result{.ours = median(our_times), .theirs = median(their_times)};
    std::cout << std::fixed << std::setprecision(1) << what << ": " << result.ours << " ms; " << peer << ": "
              << result.theirs << " ms (medians of " << times << ")\n";
    return result;
}

void measure_list(BenchCard& card, Verdict& verdict) {
    const auto list = [&](const std::string& caches, const std::function<void()>& prepare) {
        return measured(
            "list, " + caches + " caches", "btrfs subvolume list", pairs, prepare,
            [&] {
                if (must(snapshots::list_snapshots(card.top())).size() < number_of_snapshots)
                    throw std::runtime_error("snapshots are missing in the list");
            },
            [&] { run({"btrfs", "subvolume", "list", card.path()}); });
    };
    verdict.require("list within 50 ms", list("warm", [] {}).ours / list_limit);
    (void)list("cold", [&] { card.make_cold(); });  // for comparison: nothing is required
}

/// How long the file system takes to write a small change by itself.
double own_sync(BenchCard& card) {
    std::vector<double> times;
    for (int i = 0; i < pairs; ++i) {
        run({"touch", card.path("@/d0")});
        times.push_back(std::chrono::duration<double, std::milli>(card.sync()).count());
    }
    const auto time = median(times);
    std::cout << "the file system's own sync after a small change: " << time << " ms\n";
    return time;
}

void measure_create(BenchCard& card, double sync, Verdict& verdict) {
    int made = 0;
    const auto create = measured(
        "create", "btrfs subvolume snapshot -r, sync", pairs, [&] { card.change_files(3); },
        [&] {
            const auto writer = must(snapshots::Writer::begin(card.top()));
            (void)must(snapshots::create_snapshot(writer, snapshots::SnapshotType::single, "measured"));
        },
        [&] {
            const auto name = card.path("by-hand-" + std::to_string(++made));
            run({"btrfs", "-q", "subvolume", "snapshot", "-r", card.path("@"), name});
            run({"sync", "-f", name});
        });
    verdict.require("create within 150 ms and a sync", create.ours / (change_limit + sync));
}

void measure_rollback(BenchCard& card, double sync, Verdict& verdict) {
    int made = 0;
    const auto rollback = measured(
        "rollback", "btrfs subvolume snapshot, two mv, sync", pairs, [&] { card.change_files(3); },
        [&] {
            const auto writer = must(snapshots::Writer::begin(card.top()));
            (void)must(snapshots::roll_back(writer, snapshots::Number{number_of_snapshots / 2}));
        },
        [&] {
            const auto number = std::to_string(++made);
            run({"mv", "-T", card.path("@"), card.path("before-" + number)});
            run({"btrfs", "-q", "subvolume", "snapshot",
                 card.path("@" + std::to_string(number_of_snapshots / 2)), card.path("@")});
            run({"sync", "-f", card.path("@")});
        });
    verdict.require("rollback within 150 ms and a sync", rollback.ours / (change_limit + sync));
}

void compare_with_root(const BenchCard& card, const std::string& snapshot, std::size_t expected_changes) {
    const auto opened = [&](const std::string& name) {
        return must(open_file(card.path(name), O_RDONLY | O_DIRECTORY, ErrorKind::internal));
    };
    const auto found = must(snapshots::compare(opened(snapshot).get(), opened("@").get()));
    if (found.method != snapshots::CompareMethod::changed_inodes || found.changes.size() != expected_changes)
        throw std::runtime_error("cmp found " + std::to_string(found.changes.size()) +
                                 " changes instead of " + std::to_string(expected_changes));
}

Paired measure_cmp(BenchCard& card, const std::string& snapshot, const std::string& what, std::size_t changed,
                   int times) {
    return measured(
        "cmp, " + what + ", " + std::to_string(changed) + " changed, cold caches", "diff -rq", times,
        [&] { card.make_cold(); }, [&] { compare_with_root(card, snapshot, changed); },
        [&] { run({"diff", "-rq", card.path(snapshot), card.path("@")}, 1); });
}

/// A snapshot and a root with three changed files, for a root of so many files.
Paired measure_cmp_of_size(std::size_t files, int times) {
    BenchCard card(files);
    run({"btrfs", "-q", "subvolume", "snapshot", "-r", card.path("@"), card.path("@1")});
    card.change_files(3);
    const auto three = measure_cmp(card, "@1", std::to_string(files) + " files", 3, times);
    if (files != files_of_a_root) return three;

    card.change_files(297);
    const auto many = measure_cmp(card, "@1", std::to_string(files) + " files", 300, 1);
    std::cout << "    100 times the changes cost " << many.ours / three.ours << " times as much\n";
    return three;
}

void measure_all_cmp(Verdict& verdict) {
    const auto small = measure_cmp_of_size(1'000, pairs);
    const auto root = measure_cmp_of_size(files_of_a_root, 3);
    const auto large = measure_cmp_of_size(100'000, 1);
    std::cout << "    faster than diff -rq: " << small.theirs / small.ours << ", " << root.theirs / root.ours
              << ", " << large.theirs / large.ours << " times\n    100 times the files cost "
              << large.ours / small.ours << " times as much (diff -rq: " << large.theirs / small.theirs
              << ")\n";
    verdict.require("cmp of 10,000 files 100 times faster than diff -rq",
                    cmp_speedup * root.ours / root.theirs);
    verdict.require("cmp of 100,000 files at most 3 times that of 1,000",
                    large.ours / small.ours / cmp_growth);
}

int measure_everything() {
    Verdict verdict;
    {
        BenchCard card(files_of_a_root);
        for (std::uint32_t i = 0; i < number_of_snapshots; ++i) {
            card.change_files(3);
            const auto writer = must(snapshots::Writer::begin(card.top()));
            (void)must(snapshots::create_snapshot(writer, snapshots::SnapshotType::time, "every day"));
        }
        std::cout << "A root of " << files_of_a_root << " files with " << number_of_snapshots
                  << " snapshots\n";
        measure_list(card, verdict);
        const auto sync = own_sync(card);
        measure_create(card, sync, verdict);
        measure_rollback(card, sync, verdict);
    }
    measure_all_cmp(verdict);
    return verdict.finish();
}

}  // namespace

}  // namespace mox::bench

int main() {
    try {
        return mox::bench::measure_everything();
    } catch (const std::exception& trouble) {
        std::cerr << "snapshots: " << trouble.what() << '\n';
        return 2;
    }
}
