#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <thread>

#include "snapshots/changes.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/rollback_policy.hpp"
#include "snapshots_card.hpp"

namespace {

using namespace mox;
using namespace mox::snapshots;
using namespace mox::test_support;
using namespace std::chrono_literals;

constexpr unsigned seed = 20'261'122;

/// A snapshot that a list shows is whole: with its info file, which here always has a description.
Expected<std::vector<Snapshot>> whole_list(const TopLevel& top) {
    auto all = list_snapshots(top);
    if (!all) return all;
    for (const auto& one : *all)
        if (!one.usable() || !one.info_trouble.empty() || one.description.empty())
            return fail(ErrorKind::internal, "snapshot " + to_text(one.number) +
                                                 " is not whole: " + one.damage + one.info_trouble);
    return all;
}

Expected<void> delete_any(const Writer& writer, std::mt19937& random) {
    auto all = whole_list(writer.top());
    if (!all) return pass_on(all);
    if (all->empty()) return {};
    return delete_snapshot(writer, (*all)[random() % all->size()].number);
}

Expected<void> change_something(const Writer& writer, std::mt19937& random) {
    const auto choice = random() % 6;
    if (choice < 3) {
        auto made = create_snapshot(writer, SnapshotType::single, "made");
        return made ? Expected<void>() : pass_on(made);
    }
    if (choice < 5) return delete_any(writer, random);
    auto all = whole_list(writer.top());
    if (!all) return pass_on(all);
    auto rolled_back = roll_back(writer, one_step_back(*all));
    return rolled_back ? Expected<void>() : pass_on(rolled_back);
}

Expected<void> look_and_change(const std::filesystem::path& node, std::mt19937& random) {
    auto reader = TopLevel::on_device(node, Purpose::look);
    if (!reader) return pass_on(reader);
    if (auto all = whole_list(*reader); !all) return pass_on(all, "list");
    auto top = TopLevel::on_device(node, Purpose::change);
    if (!top) return pass_on(top);
    auto writer = Writer::begin(*top);
    if (!writer) return pass_on(writer);
    return change_something(*writer, random);
}

/// Works until it is killed. Returns only after an error.
[[noreturn]] void work(const std::filesystem::path& node, unsigned number) {
    std::mt19937 random(seed + number);
    for (;;) {
        const auto done = look_and_change(node, random);
        if (done) continue;
        const auto text = done.error().describe() + "\n";
        (void)!::write(STDERR_FILENO, text.data(), text.size());
        ::_exit(1);
    }
}

/// Processes of ours; killed with the scope.
class Workers {
public:
    explicit Workers(std::filesystem::path node) : node_(std::move(node)) {
        for (auto& pid : pids_) start(pid);
    }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() {
        for (auto& pid : pids_) (void)end(pid);
    }

    static constexpr std::size_t count = 8;

    /// Kills one, and starts another in its place. False: it had ended with an error before.
    [[nodiscard]] bool replace(std::size_t which) {
        const bool was_well = end(pids_.at(which));
        start(pids_.at(which));
        return was_well;
    }

private:
    void start(pid_t& pid) {
        const unsigned number = ++started_;
        pid = ::fork();
        if (pid == 0) work(node_, number);
    }

    static bool end(pid_t pid) {
        int status = 0;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, &status, 0);
        return WIFSIGNALED(status);
    }

    std::filesystem::path node_;
    std::array<pid_t, count> pids_{};
    unsigned started_ = 0;
};

TEST(EightProcesses, KilledAtRandomLoseNothingAndLeaveNoLock) {
    const SnapshotsCard card;
    must(create_snapshot(card.writer(), SnapshotType::single, "first"));
    {
        Workers workers(card.node());
        std::mt19937 random(seed);
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10 + random() % 60));
            ASSERT_TRUE(workers.replace(random() % Workers::count)) << "see its message above";
        }
    }
    auto writer = Writer::begin(card.top(), {.on_wait = {}, .limit = 0ms});
    ASSERT_TRUE(writer) << writer.error().describe();
    EXPECT_TRUE(card.version("@") == "now" || card.version("@") == "factory");

    // Nothing but whole snapshots, the root and the factory.
    const auto all = whole_list(card.top());
    ASSERT_TRUE(all) << all.error().describe();
    const auto names = card.names();
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(names, ' ')) + 1, 2 * all->size() + 2) << names;
}

}  // namespace
