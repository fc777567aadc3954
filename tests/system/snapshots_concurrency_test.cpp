// Eight processes change the snapshots of one card at once, each through a mount and a lock of its own, and
// are killed at random. What each of them was about to do, and what it has done, is in a journal: afterwards
// it is known what must be there and what must not. 15 seconds; MOX_SECONDS=60 for the full run, MOX_SEED=N
// for the same dice.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include "base/unique_fd.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots_card.hpp"

namespace {

using namespace mox;
using namespace mox::snapshots;
using namespace mox::test_support;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t workers = 8;
/// More would only make everything slower.
constexpr std::size_t many_snapshots = 30;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* given = std::getenv(variable);
    return given != nullptr ? std::stoull(given) : otherwise;
}

/// Lines that survive the death of their writer: each is one write(2) to a file that all append to.
/// "create?" before and "create" after, with what tells the snapshot from all others.
class Journal {
public:
    explicit Journal(std::filesystem::path file)
        : file_(std::move(file)),
          fd_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

    void note(const std::string& what, const std::string& about) const {
        const auto line = what + " " + about + "\n";
        if (::write(fd_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(2);
    }
    [[nodiscard]] std::string text() const { return read_file(file_); }

private:
    std::filesystem::path file_;
    UniqueFd fd_;
};

/// A snapshot that a list shows is whole: with its info file, which here always has a description.
Expected<std::vector<Snapshot>> whole_list(const TopLevel& top) {
    auto all = list_snapshots(top);
    if (!all) return pass_on(all, "list");
    for (const auto& one : *all)
        if (!one.usable() || !one.info_warning.empty() || one.description.empty() || one.created.empty())
            return fail(ErrorKind::internal, "snapshot " + to_text(one.number) +
                                                 " is not whole: " + one.damage + one.info_warning);
    return all;
}

/// One of the eight. It writes what it makes so that it can be told from everything else: `@`, and with it
/// the snapshots of it, say "PID-COUNT".
class Worker {
public:
    Worker(std::filesystem::path node, const Journal& journal, std::uint64_t seed)
        : node_(std::move(node)), journal_(journal), random_(seed) {}

    /// Until it is killed, or something is wrong.
    [[noreturn]] void work() {
        for (;;) {
            const auto done = look_and_change();
            if (!done) journal_.note(is_busy(done.error()) ? "busy" : "error", done.error().describe());
        }
    }

private:
    static bool is_busy(const Error& error) { return error.describe().contains("busy: another program"); }

    Expected<void> look_and_change() {
        auto reader = TopLevel::on_device(node_, Purpose::read);
        if (!reader) return pass_on(reader, "reader");
        if (auto all = whole_list(*reader); !all) return pass_on(all, "reader");
        if (!storage::is_subvolume(reader->directory(), "@")) return fail(ErrorKind::internal, "no @");
        auto top = TopLevel::on_device(node_, Purpose::change);
        if (!top) return pass_on(top, "writer");
        // Some wait for as long as it takes, some are in a hurry.
        LockWait wait;
        if (random_() % 2 == 0) wait.limit = std::chrono::milliseconds(random_() % 200);
        auto writer = Writer::begin(*top, wait);
        if (!writer) return pass_on(writer);
        auto all = whole_list(*top);
        if (!all) return pass_on(all);
        const auto choice = all->size() > many_snapshots ? 7 : random_() % 10;
        if (choice < 5) return create(*writer);
        if (choice < 8)
            return all->empty() ? Expected<void>() : remove(*writer, (*all)[random_() % all->size()]);
        return roll_back_to(*writer, random_() % 2 == 0 ? one_step_back(*all) : Target(Factory{}));
    }

    /// Only holders of the lock change `@`, so it says this until the snapshot is made.
    Expected<void> create(const Writer& writer) {
        const auto id = std::to_string(::getpid()) + "-" + std::to_string(++count_);
        write_file(writer.top().path() / "@/etc/version", id);
        journal_.note("create?", id);
        auto made = create_snapshot(writer, SnapshotType::single, "made " + id);
        if (!made) return pass_on(made, "create");
        journal_.note("create", id);
        return {};
    }

    Expected<void> remove(const Writer& writer, const Snapshot& snapshot) {
        const auto uuid = uuid_of(writer.top(), subvolume_of(snapshot.number));
        if (!uuid) return fail(ErrorKind::internal, "delete: no uuid");
        const auto about = identity(snapshot, *uuid);
        journal_.note("delete?", about);
        if (auto deleted = delete_snapshot(writer, snapshot.number); !deleted)
            return pass_on(deleted, "delete " + about);
        journal_.note("delete", about);
        return {};
    }

    /// The old root keeps its uuid when it becomes a snapshot.
    Expected<void> roll_back_to(const Writer& writer, const Target& target) {
        const auto uuid = uuid_of(writer.top(), "@");
        if (!uuid) return fail(ErrorKind::internal, "rollback: no uuid");
        journal_.note("create?", *uuid);
        auto result = roll_back(writer, target);
        if (!result) return pass_on(result, "rollback");
        journal_.note("create", *uuid);
        return {};
    }

public:
    static std::optional<std::string> uuid_of(const TopLevel& top, const std::string& name) {
        const auto info = storage::subvolume_info(top.directory(), name);
        if (!info) return std::nullopt;
        std::ostringstream text;
        for (const auto byte : info->uuid) text << std::hex << static_cast<int>(byte) << '.';
        return text.str();
    }

    /// What the journal calls it.
    static std::string identity(const Snapshot& snapshot, const std::string& uuid) {
        constexpr std::string_view made = "made ";
        if (snapshot.type == SnapshotType::rollback) return uuid;
        return snapshot.description.substr(made.size());
    }

private:
    std::filesystem::path node_;
    const Journal& journal_;
    std::mt19937_64 random_;
    int count_ = 0;
};

/// Processes of ours; killed with the scope.
class Crew {
public:
    Crew(std::filesystem::path node, const Journal& journal, std::uint64_t seed)
        : node_(std::move(node)), journal_(journal), seed_(seed) {
        for (auto& pid : pids_) pid = start();
    }
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() {
        for (const auto pid : pids_) (void)end(pid);
    }

    /// Kills one, and starts another in its place. False: it had ended before.
    [[nodiscard]] bool replace(std::size_t which) {
        const bool was_well = end(pids_.at(which));
        pids_.at(which) = start();
        return was_well;
    }

private:
    pid_t start() {
        const auto seed = seed_ + ++started_;
        const pid_t pid = ::fork();
        if (pid == 0) Worker(node_, journal_, seed).work();
        return pid;
    }
    static bool end(pid_t pid) {
        int status = 0;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, &status, 0);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

    std::filesystem::path node_;
    const Journal& journal_;
    std::uint64_t seed_;
    std::uint64_t started_ = 0;
    std::array<pid_t, workers> pids_{};
};

/// What the journal says about each snapshot.
struct Fate {
    bool created = false, maybe_deleted = false, deleted = false;
};

struct Account {
    std::map<std::string, Fate> fates;
    std::map<std::string, std::size_t> counts;
    std::vector<std::string> errors;
};

Account read_account(const std::string& journal) {
    Account account;
    std::istringstream lines(journal);
    for (std::string line; std::getline(lines, line);) {
        const auto blank = line.find(' ');
        const auto what = line.substr(0, blank);
        const auto about = line.substr(blank + 1);
        ++account.counts[what];
        if (what == "error") account.errors.push_back(about);
        if (what == "create") account.fates[about].created = true;
        if (what == "create?") account.fates[about];
        if (what == "delete?") account.fates[about].maybe_deleted = true;
        if (what == "delete") account.fates[about].deleted = true;
    }
    return account;
}

/// A mounted file system holds its device; the mounts of killed processes go a moment after them.
bool becomes_free(const std::filesystem::path& node) {
    const auto deadline = SteadyClock::now() + 10s;
    for (;;) {
        if (UniqueFd(::open(node.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC))) return true;
        if (errno != EBUSY || SteadyClock::now() > deadline) return false;
        std::this_thread::sleep_for(20ms);
    }
}

void expect_everything_accounted_for(const TopLevel& top, const Account& account) {
    std::map<std::string, Snapshot> found;
    for (const auto& one : must(whole_list(top))) {
        const auto name = subvolume_of(one.number);
        const auto id = Worker::identity(one, Worker::uuid_of(top, name).value());
        EXPECT_TRUE(found.emplace(id, one).second) << id << " is there twice";
        ASSERT_TRUE(account.fates.contains(id)) << "nobody made " << id;
        EXPECT_FALSE(account.fates.at(id).deleted) << id << " has come back";
        if (one.type == SnapshotType::single) {
            EXPECT_EQ(read_file(top.path() / name / "etc/version"), id) << "the wrong content";
        }
    }
    for (const auto& [id, fate] : account.fates)
        if (fate.created && !fate.maybe_deleted) {
            EXPECT_TRUE(found.contains(id)) << id << " is lost";
        }
}

TEST(EightProcesses, KilledAtRandomLoseNothingAndLeaveNothingBehind) {
    const auto seed = number_from("MOX_SEED", std::random_device{}());
    const TemporaryDirectory folder;
    const LoopImage loop(folder / "card.img", Bytes{512ULL << 20});
    format(loop.node(), "btrfs");
    {
        const WritableMount mount(loop.node(), "btrfs");
        must(storage::create_subvolume(mount.root(), "@"));
        write_file(mount / "@/etc/version", "factory");
        must(storage::snapshot_subvolume(mount.root(), "@", "@factory", storage::Access::read_only));
    }
    const Journal journal(folder / "journal");
    const auto mounts_before = read_file("/proc/self/mountinfo");
    std::size_t killed = 0;
    {
        Crew crew(loop.node(), journal, seed);
        std::mt19937_64 random(seed);
        const auto end = SteadyClock::now() + std::chrono::seconds(number_from("MOX_SECONDS", 15));
        while (SteadyClock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 400));
            ++killed;
            ASSERT_TRUE(crew.replace(random() % workers)) << "a worker ended by itself";
        }
    }
    auto account = read_account(journal.text());
    std::cout << "MOX_SEED=" << seed << ", " << killed << " killed";
    for (const auto& [what, count] : account.counts) std::cout << ", " << count << " " << what;
    std::cout << "\n";
    for (const auto& error : account.errors) ADD_FAILURE() << error;
    EXPECT_GT(account.counts["create"], workers) << "they did nothing";

    EXPECT_TRUE(becomes_free(loop.node())) << "a mount is left behind";
    EXPECT_EQ(read_file("/proc/self/mountinfo"), mounts_before);
    const auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
    const auto writer = Writer::begin(top, {.on_wait = {}, .limit = 0ms});
    ASSERT_TRUE(writer) << "a stale lock: " << writer.error().describe();
    expect_everything_accounted_for(top, account);

    std::size_t names = 0;
    for (const auto& entry : std::filesystem::directory_iterator(top.path() / "")) {
        ++names;
        const auto name = entry.path().filename().native();
        EXPECT_TRUE(name == "@" || name == "@factory" || number_of_subvolume(name) ||
                    number_of_info_file(name))
            << name << " is left behind";
    }
    EXPECT_EQ(names, 2 + 2 * must(whole_list(top)).size());
}

}  // namespace
