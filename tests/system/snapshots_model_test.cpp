// Random sequences of commands: what the library makes of them on a real btrfs is what the model
// (support/snapshot_model.hpp) says. MOX_SEED=N repeats a run.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "snapshots/changes.hpp"
#include "snapshots/cleanup_policy.hpp"
#include "snapshots/description.hpp"
#include "snapshots/listing.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/rollback_journal.hpp"
#include "snapshots/savepoint.hpp"
#include "storage/subvolume.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/snapshot_model.hpp"

// What is durable when is the subject of power_cut_snapshots_test.cpp. Here the card is never unmounted, so
// the waiting for it is left out: twice as many sequences in the same time.
extern "C" int fsync(int /*fd*/) {
    return 0;
}
extern "C" int syncfs(int /*fd*/) noexcept {
    return 0;
}

namespace mox::test_support {
namespace {

using namespace snapshots;
using namespace std::chrono_literals;
using Kind = ModelOperation::Kind;

constexpr std::uint64_t sequences_on_a_card = 2000;
constexpr std::uint64_t sequences_of_decisions = 5000;
constexpr int longest_sequence = 12;

std::string roll_to_text(const Snapshot& snapshot) {
    return snapshot.roll_to ? to_text(*snapshot.roll_to) : std::string();
}

KeepLimits limits_of(const ModelLimits& limits) {
    return {
        .single = limits.single, .time = limits.time, .updater = limits.updater, .rollback = limits.rollback};
}

std::string deleted(const std::vector<Number>& numbers) {
    if (numbers.empty()) return "nothing";
    std::string text = "deleted";
    for (const auto number : numbers) text += " " + to_text(number);
    return text;
}

std::string rolled_back(const RollbackResult& result) {
    return "rolled back to " + to_text(result.target) + ", saved as " +
           (result.saved_as ? to_text(*result.saved_as) : "nothing");
}

/// A refusal is for the user; anything else that goes wrong should not.
std::string refusal(const Error& error) {
    if (error.kind() != ErrorKind::snapshot) return "error: " + error.describe();
    return "refused";
}

template <typename T, typename Text>
std::string answer(Expected<T>&& result, const Text& text) {
    return result ? text(*result) : refusal(result.error());
}

/// The library at work on a card in memory.
class RealCard {
public:
    RealCard() : loop_(folder_ / "card.img", Bytes{512ULL << 20}), top_(make(loop_)) {}

    /// As the model starts. What is gone needs no sequence of commands to go.
    void start_over(bool with_factory) {
        for (const auto& name : names()) {
            if (number_of_subvolume(name)) must(storage::delete_subvolume(top_.directory(), name));
            if (name.ends_with(".info")) std::filesystem::remove(path(name));
        }
        std::filesystem::remove(path("savepoint.info"));
        if (std::filesystem::exists(path("@savepoint.reserve")))
            must(storage::delete_subvolume(top_.directory(), "@savepoint.reserve"));
        const auto from = path(with_factory ? "put-away" : "@factory");
        if (std::filesystem::exists(from))
            std::filesystem::rename(from, path(with_factory ? "@factory" : "put-away"));
        write_file(path("@/says"), "start");
        now_ = {.boot_id = new_boot_id(), .since_boot = 5min};
    }

    std::string apply(const ModelOperation& operation) {
        const auto writer = must(Writer::begin(top_));
        if (!writer.repairs().empty()) return "repaired: " + writer.repairs().front();
        switch (operation.kind) {
            case Kind::work:
                write_file(path("@/says"), operation.text);
                return "nothing";
            case Kind::create:
                return answer(create_snapshot(writer, type_named(operation.type).value(), operation.text),
                              [](const Snapshot& one) { return "created " + to_text(one.number); });
            case Kind::modify:
                return modify(writer, operation);
            case Kind::remove: {
                const Number number{operation.number};
                const auto result = delete_snapshot(writer, number);
                return result ? deleted({number}) : refusal(result.error());
            }
            case Kind::clean_up:
                return clean(writer, limits_of(operation.limits));
            case Kind::step_back:
                return answer(roll_back(writer, one_step_back(must(list_snapshots(top_)))), rolled_back);
            case Kind::roll_back:
                return answer(roll_back(writer, Number{operation.number}), rolled_back);
            case Kind::factory_reset:
                return answer(roll_back(writer, Factory{}), rolled_back);
            case Kind::savepoint:
                return answer(start_savepoint(writer, std::chrono::minutes(operation.minutes), now_),
                              [](const PendingSavepoint& one) { return "created " + to_text(one.snapshot); });
            case Kind::commit:
                return answer(commit_savepoints(writer), deleted);
            case Kind::minutes_pass:
                now_.since_boot += std::chrono::minutes(operation.minutes);
                return look_at_savepoint(writer);
            case Kind::router_restarts:
                now_ = {.boot_id = new_boot_id(), .since_boot = 1s};
                return look_at_savepoint(writer);
        }
        return "?";
    }

    /// In the words of the model.
    [[nodiscard]] std::string describe() const {
        std::string text = "@ content=" + read_file(path("@/says")) + "\n";
        for (const auto& one : must(list_snapshots(top_))) {
            text += snapshot_line(one.number.value, name_of(one.type),
                                  read_file(path(subvolume_of(one.number) + "/says")), roll_to_text(one),
                                  one.description);
            if (!one.damage.empty() || !one.info_warning.empty()) text += one.damage + one.info_warning;
        }
        if (const auto pending = must(pending_savepoint(top_)))
            text += "savepoint is " + to_text(pending->snapshot) + "\n";
        return text;
    }

    /// Names at the top level, without bookkeeping of this test and of savepoints.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(path("")))
            all.push_back(entry.path().filename());
        std::erase_if(all, [](const auto& name) {
            return name == "put-away" || name == "savepoint.info" || name == "@savepoint.reserve";
        });
        std::ranges::sort(all);
        return all;
    }

    [[nodiscard]] const TopLevel& top() const { return top_; }

private:
    static TopLevel make(const LoopImage& loop) {
        format(loop.node(), "btrfs");
        auto top = must(TopLevel::on_device(loop.node(), Purpose::change));
        must(storage::create_subvolume(top.directory(), "@"));
        write_file(top.path() / "@/says", "factory");
        must(storage::snapshot_subvolume(top.directory(), "@", "@factory", storage::Access::read_only));
        return top;
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return top_.path() / name; }

    static std::string modify(const Writer& writer, const ModelOperation& operation) {
        Modification change;
        if (!operation.type.empty()) change.type = type_named(operation.type);
        if (operation.described) change.description = operation.text;
        return answer(modify_snapshot(writer, Number{operation.number}, change),
                      [](const Snapshot&) { return std::string("modified"); });
    }

    static std::string clean(const Writer& writer, const KeepLimits& limits) {
        const auto results = clean_up(writer, limits);
        if (!results) return refusal(results.error());
        std::vector<Number> numbers;
        for (const auto& one : *results) {
            if (!one.kept_because.empty()) return "did not dare: " + one.kept_because;
            numbers.push_back(one.snapshot.number);
        }
        return deleted(numbers);
    }

    std::string look_at_savepoint(const Writer& writer) {
        return answer(roll_back_if_due(writer, now_), [](const std::optional<RollbackResult>& result) {
            return result ? rolled_back(*result) : "nothing";
        });
    }

    /// As the kernel gives them out: never the same again.
    std::string new_boot_id() { return "b" + std::to_string(boots_++); }

    RamFolder folder_;
    LoopImage loop_;
    TopLevel top_;
    int boots_ = 0;
    BootTime now_;
};

std::uint64_t first_seed() {
    const char* given = std::getenv("MOX_SEED");
    return given != nullptr ? std::stoull(given) : std::random_device{}();
}

/// How many sequences: one if a seed is given, as only that one is of interest then.
std::uint64_t sequences(std::uint64_t usual) {
    return std::getenv("MOX_SEED") != nullptr ? 1 : usual;
}

class ModelOfSnapshots : public ::testing::Test {
protected:
    /// What happened until it went wrong, to be repeated by hand.
    [[nodiscard]] std::string story() const {
        return "MOX_SEED=" + std::to_string(seed_) + " repeats this:\n" + steps_;
    }
    void begin(std::uint64_t seed) {
        seed_ = seed;
        steps_.clear();
    }
    void note(const ModelOperation& operation) {
        steps_ += "  " + escaped_for_display(to_text(operation)) + "\n";
    }

private:
    std::uint64_t seed_ = 0;
    std::string steps_;
};

TEST_F(ModelOfSnapshots, SaysWhatHappensOnARealCard) {
    RealCard card;
    const auto seed = first_seed();
    std::size_t operations = 0;
    for (std::uint64_t i = 0; i < sequences(sequences_on_a_card); ++i) {
        begin(seed + i);
        std::mt19937_64 random(seed + i);
        const bool with_factory = random() % 8 != 0;
        SnapshotModel model(with_factory);
        card.start_over(with_factory);
        const auto length = 1 + random() % longest_sequence;
        for (std::uint64_t step = 0; step < length; ++step, ++operations) {
            const auto operation = random_operation(model, random);
            // A savepoint reserves room that is freed long after it is given back: so many of them in a row
            // would fill the card.
            if (operation.kind == Kind::savepoint) continue;
            note(operation);
            ASSERT_EQ(card.apply(operation), model.apply(operation)) << story();
            ASSERT_EQ(card.describe(), model.describe()) << story();
        }
        ASSERT_EQ(card.names(), model.names()) << story();
    }
    std::cout << operations << " operations, first seed " << seed << "\n";
}

/// What the library is told about a card that holds what the model says.
std::vector<Snapshot> as_listed(const std::string& described) {
    std::vector<Snapshot> all;
    std::istringstream lines(described);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name, type, content, roll_to;
        words >> name >> type >> content >> roll_to;
        const auto number = number_of_subvolume(name);
        if (!number) continue;
        Snapshot one;
        one.number = *number;
        one.type = type_named(type).value();
        one.roll_to = target_named(roll_to.substr(roll_to.find('=') + 1));
        all.push_back(one);
    }
    return all;
}

TEST_F(ModelOfSnapshots, SaysWhatTheLibraryDecidesInLongerLives) {
    const auto seed = first_seed();
    for (std::uint64_t i = 0; i < sequences(sequences_of_decisions); ++i) {
        begin(seed + i);
        std::mt19937_64 random(seed + i);
        SnapshotModel model(true);
        for (int step = 0; step < 3 * longest_sequence; ++step) {
            const auto operation = random_operation(model, random);
            note(operation);
            const auto listed = as_listed(model.describe());
            ASSERT_EQ(to_text(one_step_back(listed)), model.one_step_back()) << story();
            if (operation.kind == Kind::clean_up) {
                std::vector<std::uint32_t> numbers;
                for (const auto number : superfluous_snapshots(listed, limits_of(operation.limits)))
                    numbers.push_back(number.value);
                ASSERT_EQ(numbers, model.superfluous(operation.limits)) << story();
            }
            (void)model.apply(operation);
        }
    }
    std::cout << "first seed " << seed << "\n";
}

// Lives that are too rare for chance.

TEST_F(ModelOfSnapshots, ASavepointIsOverWhenItsNumberIsGivenAgain) {
    RealCard card;
    SnapshotModel model(true);
    card.start_over(true);
    for (const auto& operation :
         std::vector<ModelOperation>{{.kind = Kind::savepoint, .minutes = 5},
                                     {.kind = Kind::modify, .number = 1, .type = "single"},
                                     {.kind = Kind::remove, .number = 1},
                                     {.kind = Kind::create, .type = "save", .text = "by hand"},
                                     {.kind = Kind::minutes_pass, .minutes = 60}}) {
        note(operation);
        EXPECT_EQ(card.apply(operation), model.apply(operation)) << story();
        EXPECT_EQ(card.describe(), model.describe()) << story();
    }
}

TEST_F(ModelOfSnapshots, ASavepointIsOverWhenARollbackWasCutOffAfterItsLastRename) {
    RealCard card;
    card.start_over(true);
    (void)card.apply({.kind = Kind::savepoint, .minutes = 5});
    const auto savepoint = card.top().path() / "savepoint.info";
    const auto journal = card.top().path() / "rollback.journal";
    const auto started = read_file(savepoint);
    const auto old_root = must(storage::subvolume_info(card.top().directory(), "@")).uuid;
    (void)card.apply({.kind = Kind::factory_reset});
    // What lies on the card before the last two files are removed.
    write_file(savepoint, started);
    write_file(journal, format_journal({.target = Factory{}, .old_root = old_root, .created = {}}));
    EXPECT_EQ(card.apply({.kind = Kind::minutes_pass, .minutes = 60}), "nothing");
    EXPECT_FALSE(std::filesystem::exists(savepoint));
    EXPECT_FALSE(std::filesystem::exists(journal));
}

}  // namespace
}  // namespace mox::test_support
