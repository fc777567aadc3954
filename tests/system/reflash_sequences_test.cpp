// Random lives of a card: mode 4 cut off at any request, commands of schnapps and cuts of those, modes 2 and
// 3, other tools that roll back, a user who works. No snapshot and no factory snapshot is ever lost but by a
// mode 4 that has switched, or by a command that names it. MOX_SEED=N repeats one life, MOX_SOAK_SECONDS=N
// goes on for longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "support/card_contents.hpp"
#include "support/loop_image.hpp"
#include "support/power_cut.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/seeds.hpp"
#include "support/small_reflash.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using storage::Uuid;

constexpr int longest_life = 7;

/// "@12" -> true
bool is_numbered(const std::string& name) {
    return name.size() > 1 && name.front() == '@' &&
           name.find_first_not_of("0123456789", 1) == std::string::npos;
}

/// What only a command under way may have at the top level.
bool is_leftover(const std::string& name) {
    return name.starts_with("@reflash.") || name.starts_with("reflash.erase");
}

/// What may be lost, and what not. By uuid; written from the rule alone.
class Keeper {
public:
    explicit Keeper(const CardContents& contents) { keep_all(contents); }

    /// After a step that is no re-flash. `named`: what the command is told to delete.
    void check(const CardContents& now, const std::optional<Uuid>& named) {
        expect_kept(now, named);
        const auto factory = now.named("@factory");
        ASSERT_TRUE(factory) << "there is no factory snapshot";
        EXPECT_TRUE(factory == factory_ || factory == new_factory_ || is_of_a_new_system(now))
            << "no command has made this factory snapshot";
        factory_ = *factory;
        remember_new(now);
    }

    /// After a mode 4, complete or cut off.
    void check_reflash(const CardContents& now, const std::string& new_system) {
        const auto root = now.named("@");
        ASSERT_TRUE(root);
        // A root that was not there before, and is no snapshot of anything: the switch has happened.
        const bool switched = !known_.contains(*root) && now.subvolumes.at(*root).parent == Uuid{};
        if (!switched) return check(now, std::nullopt);
        EXPECT_EQ(now.digest_of("@"), new_system) << "the new system is not complete";
        condemned_ = known_;
        kept_.clear();
        new_system_ = new_system;
        new_factory_.reset();
        for (const auto& [uuid, one] : now.subvolumes)
            if (one.parent == *root && (one.name == "@factory" || one.name == "@reflash.factory"))
                new_factory_ = uuid;
        check(now, std::nullopt);
    }

    /// Something old has become the root, or everything is settled: what is there now is to stay.
    void keep_all(const CardContents& now) {
        condemned_.clear();
        new_system_.clear();
        new_factory_.reset();
        kept_.clear();
        remember_new(now);
        factory_ = now.named("@factory").value_or(Uuid{});
    }

    [[nodiscard]] bool is_condemned(const Uuid& uuid) const { return condemned_.contains(uuid); }
    [[nodiscard]] bool awaits_erasing() const { return !condemned_.empty(); }

private:
    void expect_kept(const CardContents& now, const std::optional<Uuid>& named) {
        for (const auto& [uuid, one] : kept_) {
            const auto found = now.subvolumes.find(uuid);
            if (found == now.subvolumes.end()) {
                EXPECT_TRUE(named == uuid) << one.name << " is lost";
                continue;
            }
            EXPECT_EQ(found->second.digest, one.digest) << one.name << " has changed";
            // A deletion that is cut off has renamed it.
            EXPECT_TRUE(named == uuid || found->second.name == one.name) << one.name << " was renamed";
        }
    }

    /// The next command publishes the factory snapshot of a re-flash that was cut off after it had switched;
    /// when that command is a mode 4 that is cut off, too, nothing else tells of it.
    [[nodiscard]] bool is_of_a_new_system(const CardContents& now) const {
        return !new_system_.empty() && now.digest_of("@factory") == new_system_;
    }

    void remember_new(const CardContents& now) {
        std::erase_if(kept_, [&](const auto& one) { return !now.subvolumes.contains(one.first); });
        for (const auto& [uuid, one] : now.subvolumes) {
            known_.insert(uuid);
            const bool is_users = is_numbered(one.name) || one.name.front() != '@';
            if (is_users && !condemned_.contains(uuid)) kept_[uuid] = one;
        }
    }

    std::map<Uuid, CardSubvolume> kept_;  ///< snapshots, and what other programs have made
    std::set<Uuid> condemned_;            ///< what a switched re-flash replaces
    std::set<Uuid> known_;
    Uuid factory_{};
    std::optional<Uuid> new_factory_;  ///< what `@factory` may become
    std::string new_system_;           ///< digest of what a re-flash has switched to; empty: none has
};

class ReflashSequences : public ::testing::Test {
protected:
    using Command = std::function<ChildResult(const fs::path& card)>;

    void begin(std::uint64_t seed) {
        random_.seed(seed);
        steps_.clear();
        small_.put_card(image_);
        now_ = contents_of_card(image_);
        keeper_.emplace(now_);
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }

    ChildResult mode(const std::string& mode, const fs::path& card) {
        const AttachedImage stick(small_.stick(), Writing::forbidden);
        return small_.run_mode(MOX_RESCUE_PROGRAM, mode, card, stick.node());
    }

    static ChildResult schnapps(std::vector<std::string> words, const fs::path& card) {
        std::vector<std::string> argv{SCHNAPPS_PROGRAM, "-d", card.native() + "p1"};
        argv.insert(argv.end(), words.begin(), words.end());
        return must(run_child(argv, 5min));
    }

    /// Runs a command to its end. Its exit status.
    int complete(const Command& command) {
        AttachedImage card(image_);
        const auto result = command(card.node());
        card.detach();
        steps_ += " -> " + std::to_string(result.exit_status);
        said_ = result.output;
        return result.exit_status;
    }

    /// Runs a command, and leaves the card as a power cut in the middle of it does.
    void cut_off(const Command& command) {
        const auto folder = small_.folder() / "recording";
        fs::create_directories(folder);
        const auto whole = folder / "whole.img";
        fs::rename(image_, whole);
        {
            RecordedCard recording(whole, folder,
                                   [&](const fs::path& card) { said_ = command(card).output; });
            const auto log = recording.log();
            const auto cuts =
                below(3) == 0 ? cuts_with_lost_writes(log, 1, random_) : cuts_at_random(log, 1, random_);
            steps_ += ", cut off at " + to_text(cuts.front(), log.size());
            recording.write_card_at(cuts.front(), image_);
        }
        fs::remove_all(folder);
    }

    std::string some_snapshot() {
        std::vector<std::string> numbers;
        for (const auto& [uuid, one] : now_.subvolumes)
            if (is_numbered(one.name)) numbers.push_back(one.name.substr(1));
        std::ranges::sort(numbers);
        return numbers.empty() ? "1" : numbers[below(numbers.size())];
    }

    void note(const std::string& step) { steps_ += "\n  " + step; }

    void look() { now_ = contents_of_card(image_); }

    /// A command that takes the lock has put right everything that was left behind.
    void expect_settled() {
        for (const auto& name : now_.names) EXPECT_FALSE(is_leftover(name)) << name;
        keeper_->keep_all(now_);
    }

    void reflash(bool whole) {
        note("mode 4");
        const auto run = [&](const fs::path& card) { return mode("4", card); };
        int status = -1;
        whole ? void(status = complete(run)) : cut_off(run);
        look();
        keeper_->check_reflash(now_, new_system_digest());
        if (!whole) return;
        EXPECT_EQ(status, 0) << said_;
        EXPECT_EQ(now_.names, (std::set<std::string>{"@", "@factory", "boot.scr"})) << said_;
        expect_settled();
    }

    /// One that changes something under the lock; `deletes`: the snapshot that it names.
    void change(const std::string& what, const Command& command, bool whole,
                const std::string& deletes = {}) {
        note(what);
        const auto named = deletes.empty() ? std::nullopt : now_.named("@" + deletes);
        int status = -1;
        whole ? void(status = complete(command)) : cut_off(command);
        look();
        keeper_->check(now_, named);
        if (whole && status == 0) expect_settled();
    }

    void snapshot_command(bool whole) {
        const auto number = some_snapshot();
        const auto command = [&](std::vector<std::string> words) {
            std::string text = "schnapps";
            for (const auto& word : words) text += " " + word;
            const auto deletes = words.front() == "delete" ? number : std::string();
            change(text, [words](const fs::path& card) { return schnapps(words, card); }, whole, deletes);
        };
        switch (below(5)) {
            case 0:
                return command({"create", "by", "hand"});
            case 1:
                return command({"modify", "-d", "kept", number});
            case 2:
                return command({"delete", number});
            case 3:
                return command({"rollback", number});
            default:
                return command({"rollback", "factory"});
        }
    }

    void rescue_rollback(bool whole) {
        const std::string number = below(2) == 0 ? "2" : "3";
        change("mode " + number, [&](const fs::path& card) { return mode(number, card); }, whole);
    }

    /// As `btrfs subvolume snapshot` and `mv` do it.
    void roll_back_by_another_tool() {
        const auto target = below(3) == 0 ? std::string("@factory") : "@" + some_snapshot();
        const auto saved_as = "@" + std::to_string(50 + below(1000));
        if (!now_.named(target) || now_.names.contains(saved_as)) return;
        note("another tool: " + target + " becomes @, which becomes " + saved_as);
        const bool is_old = keeper_->is_condemned(*now_.named(target));
        {
            const MountedImage card(image_, partition_start, "btrfs");
            fs::rename(card / "@", card / saved_as);
            run({"btrfs", "-q", "subvolume", "snapshot", (card / target).native(), (card / "@").native()});
        }
        look();
        keeper_->check(now_, std::nullopt);
        if (is_old) keeper_->keep_all(now_);
    }

    void work() {
        note("the user works, another program makes a subvolume");
        {
            const MountedImage card(image_, partition_start, "btrfs");
            write_file(card / ("@/root/work" + std::to_string(random_())), "work\n");
            write_file(card / "@/boot/Image", "kernel " + std::to_string(random_()));
            const auto made = card / ("program" + std::to_string(random_()));
            run({"btrfs", "-q", "subvolume", "create", made.native()});
        }
        look();
        keeper_->check(now_, std::nullopt);
    }

    void step() {
        const bool whole = below(3) == 0;
        switch (below(8)) {
            case 0:
            case 1:
            case 2:
                return reflash(whole);
            case 3:
            case 4:
                return snapshot_command(whole);
            case 5:
                return rescue_rollback(whole);
            case 6:
                return roll_back_by_another_tool();
            default:
                return work();
        }
    }

    /// Known after the first complete run.
    const std::string& new_system_digest() {
        if (new_digest_.empty()) {
            const auto image = small_.folder() / "reference.img";
            small_.put_card(image);
            AttachedImage card(image);
            const auto result = mode("4", card.node());
            card.detach();
            if (result.exit_status != 0) throw std::runtime_error(result.output);
            new_digest_ = contents_of_card(image).digest_of("@");
            fs::remove(image);
        }
        return new_digest_;
    }

    SmallReflash small_;
    fs::path image_ = small_.folder() / "card.img";
    std::mt19937_64 random_;
    std::string steps_, said_, new_digest_;
    CardContents now_;
    std::optional<Keeper> keeper_;
};

TEST_F(ReflashSequences, LoseNoSnapshotAndNoFactory) {
    const auto first = test_seed();
    const bool only_one = std::getenv("MOX_SEED") != nullptr;
    (void)new_system_digest();
    const SoakClock clock(35s);
    int lives = 0;
    int steps = 0;
    do {
        begin(first + static_cast<std::uint64_t>(lives++));
        const auto length = 2 + below(longest_life - 1);
        for (std::size_t i = 0; i < length && (i < 2 || only_one || !clock.is_over()); ++i, ++steps) {
            step();
            ASSERT_FALSE(HasFailure()) << "MOX_SEED=" << first + static_cast<std::uint64_t>(lives - 1)
                                       << " repeats this:" << steps_ << "\n"
                                       << said_;
        }
    } while (!only_one && !clock.is_over());
    std::cout << lives << " lives, " << steps << " steps\n";
}

}  // namespace
}  // namespace mox::test_support
