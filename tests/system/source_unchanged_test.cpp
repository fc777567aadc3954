// A drive that holds a medkit is never written, whatever happens; also one that was pulled from a running PC.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

class SourceUnchanged : public ::testing::TestWithParam<std::string> {
protected:
    SourceUnchanged() : card_(table_.folder() / "card.img"), stick_(table_.folder() / "stick.img") {
        make_card_with_whole_system(card_);
        make_disk(stick_, {192 << 20}, Table::dos);
        make_filesystem(stick_, Table::dos, GetParam(), table_.content());
    }

    ChildResult run_mode_4_and_compare_stick(const std::vector<std::string>& more = {}) {
        const auto before = image_digest(stick_);
        auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, stick_, more);
        EXPECT_EQ(image_digest(stick_), before) << "the stick was written\n" << result.output;
        return result;
    }

    /// The stick as it is when it is pulled while it is mounted: its journal waits to be replayed.
    void pull_while_mounted() {
        const auto pulled = table_.folder() / "pulled.img";
        {
            const MountedImage mounted(stick_, partition_start, GetParam());
            write_file(mounted / "letter.txt", "half a letter");
            const UniqueFd letter(::open((mounted / "letter.txt").c_str(), O_RDONLY | O_CLOEXEC));
            ASSERT_EQ(::fsync(letter.get()), 0);
            copy_sparse(stick_, pulled);
        }
        fs::rename(pulled, stick_);
    }

    RescueTable table_;
    fs::path card_, stick_;
};

TEST_P(SourceUnchanged, AfterAReflash) {
    const auto result = run_mode_4_and_compare_stick();
    EXPECT_EQ(result.exit_status, 0) << result.output;
}

TEST_P(SourceUnchanged, AfterADryRunWhichLeavesTheCardUnchangedToo) {
    const auto card_before = image_digest(card_);
    const auto result = run_mode_4_and_compare_stick({"--dry-run"});
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_EQ(image_digest(card_), card_before) << "the card was written\n" << result.output;
}

TEST_P(SourceUnchanged, WhenItsJournalWaitsToBeReplayed) {
    ASSERT_NO_FATAL_FAILURE(pull_while_mounted());
    const auto result = run_mode_4_and_compare_stick();
    EXPECT_EQ(result.exit_status, 0) << result.output;
    for (const auto& flaw : flaws_of_flashed_card(card_, table_.description())) ADD_FAILURE() << flaw;

    // It was such a stick indeed: whoever mounts it for writing changes it.
    const auto before = image_digest(stick_);
    {
        const MountedImage mounted(stick_, partition_start, GetParam());
    }
    EXPECT_NE(image_digest(stick_), before);
}

INSTANTIATE_TEST_SUITE_P(On, SourceUnchanged, ::testing::Values("ext4", "btrfs"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace mox::test_support
