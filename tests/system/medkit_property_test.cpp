// Random archives: each is refused by verification with code 2, or unpacks onto btrfs and reads back as the
// model says; and what was unpacked is packed, verified, unpacked again, and still equal. A few thousand in
// each run, as many as MOX_SOAK_SECONDS allows when it is set.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "base/units.hpp"
#include "support/archive_generator.hpp"
#include "support/loop_image.hpp"
#include "support/seeds.hpp"
#include "support/temporary_directory.hpp"
#include "system/medkit_trial.hpp"

namespace mox::test_support {
namespace {

using namespace mox::unit_literals;

class RandomMedkits : public ::testing::Test {
protected:
    struct Counts {
        int accepted = 0;
        int refused = 0;
    };

    /// Tries medkits until `rounds` are done, or the time for a soak is over.
    Counts run(Oddities oddities, int rounds) {
        const auto seed = test_seed();
        const auto soak = soak_time();
        const auto start = Clock::now();
        Counts counts;
        for (std::uint64_t round = 0;; ++round) {
            if (soak ? Clock::now() - start >= *soak / 2 : std::cmp_equal(round, rounds)) break;
            try_one(seed + round, oddities, counts);
            if (HasFailure()) break;
        }
        std::printf("%d accepted, %d refused\n", counts.accepted, counts.refused);
        return counts;
    }

private:
    void try_one(std::uint64_t seed, Oddities oddities, Counts& counts) {
        SeededChoices choices(seed);
        const auto medkit = generate_medkit(choices, oddities);
        const auto root = card_ / "root";
        auto result = try_medkit(medkit, root);
        ++(result.accepted ? counts.accepted : counts.refused);
        if (result.accepted && result.fault.empty() && counts.accepted % 3 == 0)
            result.fault = pack_again(medkit.tree, root, card_ / "copy");
        std::filesystem::remove_all(root);
        std::filesystem::remove_all(card_ / "copy");
        if (result.fault.empty()) return;
        std::string story;
        for (const auto& line : medkit.story) story += line + "\n";
        if (const char* place = std::getenv("MOX_KEEP_ARCHIVE")) {
            write_file(std::filesystem::path(place) / "base.tar", medkit.base);
            if (medkit.extra) write_file(std::filesystem::path(place) / "extra.tar", *medkit.extra);
        }
        ADD_FAILURE() << "MOX_SEED=" << seed << ": " << result.fault << "\n" << story;
    }

    TemporaryDirectory folder_;
    LoopImage disk_ = make_disk(folder_ / "card.img");
    WritableMount card_{disk_.node(), "btrfs"};

    static LoopImage make_disk(const std::filesystem::path& image) {
        LoopImage disk(image, 1_GiB);
        format(disk.node(), "btrfs");
        return disk;
    }
};

TEST_F(RandomMedkits, PlainOnesAreAcceptedAndReadBackEqual) {
    const auto counts = run(Oddities::none, 700);
    EXPECT_EQ(counts.refused, 0);
}

TEST_F(RandomMedkits, OddOnesAreRefusedOrReadBackEqual) {
    const auto counts = run(Oddities::some, 1500);
    EXPECT_GT(counts.accepted, (counts.accepted + counts.refused) / 10);
    EXPECT_GT(counts.refused, (counts.accepted + counts.refused) / 10);
}

}  // namespace
}  // namespace mox::test_support
