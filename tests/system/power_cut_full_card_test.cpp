// A rollback that has to make room first, cut off after any request to the card. MOX_CUTS=200 for a full run;
// MOX_SEED=N repeats a choice of instants.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "snapshots/card_lock.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots/top_level.hpp"
#include "storage/subvolume.hpp"
#include "support/full_card.hpp"
#include "support/loop_image.hpp"
#include "support/power_cut.hpp"
#include "support/rescue_run_loop.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using namespace snapshots;

using namespace unit_literals;

constexpr std::size_t usual_cuts = 18;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* given = std::getenv(variable);
    return given != nullptr ? std::stoull(given) : otherwise;
}

bool may_vanish(const std::string& system) {
    return system.ends_with(" time") || system.ends_with(" pre") || system.ends_with(" post");
}

class PowerCutOnAFullCard : public testing::Test {
protected:
    void make(const FullCard& how) {
        LoopImage loop(image_, how.size);
        make_full_card(loop.node(), how);
        if (how.filled == FilledWith::metadata)
            give_metadata_back(WritableMount(loop.node(), "btrfs") / "@/srv", 8_MiB);
        before_ = content_of(loop.node());
        loop.detach();
    }

    /// Records the rollback, during which `words` must be said, and looks at cards that were cut off.
    void cut_off(const std::string& words, std::size_t usual);

    void roll_back_on(const fs::path& node, std::vector<std::string>& told) const {
        const auto top = must(TopLevel::on_device(node, Purpose::change));
        must(roll_back(must(Writer::begin(top)), target, {},
                       [&](const std::string& line) { told.push_back(line); }));
    }

    void expect_nothing_of_the_user_is_lost(const CardContent& cut, const std::string& old_root) const {
        EXPECT_TRUE(cut.at("@") == "now" || cut.at("@") == "15") << cut.at("@");
        for (const auto& [name, system] : before_) {
            if (name == "@" || may_vanish(system)) continue;
            EXPECT_TRUE(cut.contains(name) && cut.at(name) == system) << name << ", " << system;
        }
        EXPECT_TRUE(cut.contains("@15")) << "the target is gone";
        const bool is_somewhere =
            std::ranges::any_of(cut, [](const auto& one) { return one.second.starts_with("now"); });
        EXPECT_TRUE(is_somewhere || old_root == "now") << "the state before is gone";
    }

    /// A card that a cut left: as it is, and when the rollback is made again.
    void examine(const fs::path& image) const {
        const LoopImage loop(image);
        std::string old_root;
        {
            const auto top = must(TopLevel::on_device(loop.node(), Purpose::read));
            const auto file = top.path() / "@rollback.new/etc/version";
            if (fs::exists(file)) old_root = read_file(file);
        }
        expect_nothing_of_the_user_is_lost(content_of(loop.node()), old_root);
        std::vector<std::string> told;
        roll_back_on(loop.node(), told);
        const auto after = content_of(loop.node());
        EXPECT_EQ(after.at("@"), "15");
        expect_nothing_of_the_user_is_lost(after, {});
        run({"btrfs", "check", "--readonly", loop.node().native()});
    }

    const Target target = Number{15};
    RamFolder folder_;
    fs::path image_ = folder_ / "card.img";
    CardContent before_;
};

void PowerCutOnAFullCard::cut_off(const std::string& words, std::size_t usual) {
    const auto seed = number_from("MOX_SEED", std::random_device{}());
    std::cout << "MOX_SEED=" << seed << "\n";
    std::vector<std::string> told;
    RecordedCard recording(image_, folder_.path(), [&](const fs::path& node) { roll_back_on(node, told); });
    EXPECT_TRUE(std::ranges::any_of(told, [&](const auto& line) { return line.contains(words); }))
        << "there was room: nothing is tested";
    const auto log = recording.log();
    std::cout << log.size() << " requests to the card\n";
    std::mt19937_64 random(seed);
    const auto count = number_from("MOX_CUTS", usual);
    auto cuts = cuts_at_random(log, count, random);
    for (auto& cut : cuts_with_lost_writes(log, count / 3, random)) cuts.push_back(std::move(cut));
    for (auto& cut : cuts_at_flushes(log)) cuts.push_back(std::move(cut));
    std::ranges::shuffle(cuts, random);
    if (cuts.size() > 2 * count) cuts.resize(2 * count);
    std::ranges::sort(cuts, {}, &Cut::durable);
    const auto copy = folder_ / "cut.img";
    for (const auto& cut : cuts) {
        SCOPED_TRACE("power cut at " + to_text(cut, log.size()));
        recording.write_card_at(cut, copy);
        examine(copy);
        ASSERT_FALSE(HasFailure()) << "one is enough: MOX_SEED=" << seed;
    }
}

TEST_F(PowerCutOnAFullCard, LosesNothingOfTheUser) {
    make({.size = 160_MiB, .snapshots = 15, .mixed = true});
    cut_off("deleting snapshot", usual_cuts);
}

TEST_F(PowerCutOnAFullCard, LosesNothingWhileDataIsMovedTogether) {
    make({.snapshots = 15, .filled = FilledWith::metadata});
    cut_off("balancing data", usual_cuts / 2);
}

}  // namespace
}  // namespace mox::test_support
