// The question before the card is erased: about which card, when it comes, and what an answer does.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "storage/drive.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/running_program.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

constexpr auto question = "type yes to continue: ";

class Question : public testing::Test {
protected:
    Question() { make_card_with_old_system(card_, card_size); }

    [[nodiscard]] std::vector<std::string> command(const fs::path& card, const fs::path& medkit) const {
        return {MOX_RESCUE_PROGRAM, "run", "4", "--keys", table_.keys(), "--card", card, "--medkit", medkit};
    }

    /// Runs it on a terminal; types `answer` when it asks. Returns the exit status.
    int answer(const std::string& answer) {
        AttachedImage card(card_);
        RunningProgram rescue(command(card.node(), table_.medkit()), Connection::terminal);
        rescue.wait_for(question);
        asked_ = rescue.output();
        rescue.type(answer);
        const int status = rescue.wait();
        said_ = rescue.output();
        card.detach();
        return status;
    }

    /// Runs it on a terminal; it must not ask.
    int run_without_question(const fs::path& card, const fs::path& medkit) {
        RunningProgram rescue(command(card, medkit), Connection::terminal);
        const int status = rescue.wait();
        said_ = rescue.output();
        EXPECT_FALSE(said_.contains(question)) << said_;
        return status;
    }

    void expect_asked(const std::string& words) const {
        EXPECT_TRUE(asked_.contains(words)) << "expected: " << words << "\n" << asked_;
    }

    RescueTable table_;
    const fs::path card_ = table_.folder() / "card.img";
    std::string asked_;  ///< all until the question
    std::string said_;
};

TEST_F(Question, NamesTheCardAndTheMedkit) {
    make_disk(card_, card_size, Table::dos);
    make_filesystem(card_, Table::dos, "ext4");
    {
        const AttachedImage partition(card_, Writing::allowed, partition_start);
        run({"e2label", partition.node(), "holiday"});
    }
    EXPECT_EQ(answer("no\n"), 77) << said_;
    expect_asked("this erases all settings and all data on the card:");
    expect_asked("(536.9 MB, image " + card_.native() + "): loop");
    expect_asked("ext4 \"holiday\" 535.8 MB");
    expect_asked("mox-medkit-latest.tar.gz, version 9.0.1, signed by trusted key " + table_.key().number);
}

TEST_F(Question, NamesACardWithNothingOnIt) {
    make_empty_card(card_, card_size);
    EXPECT_EQ(answer("\n"), 77) << said_;
    expect_asked("): nothing");
}

TEST_F(Question, YesIsDoneAndEverythingElseIsNot) {
    const auto before = image_digest(card_);
    for (const std::string word : {"no\n", "\n", "y\n", "yes please\n", "\x04"}) {
        EXPECT_EQ(answer(word), 77) << said_;
        EXPECT_TRUE(said_.contains("not confirmed; nothing was done")) << said_;
        EXPECT_EQ(image_digest(card_), before) << word;
    }
    EXPECT_EQ(answer("yes\n"), 0) << said_;
    EXPECT_EQ(flaws_of_flashed_card(card_, table_.description()), std::vector<std::string>());
}

TEST_F(Question, IsEndedByCtrlC) {
    const auto before = image_digest(card_);
    EXPECT_EQ(answer("\x03"), 128 + SIGINT) << said_;
    EXPECT_EQ(image_digest(card_), before);
}

// A person is asked only about what can succeed.
TEST_F(Question, IsNotAskedInVain) {
    const auto bad = table_.workshop() / "bad.tar.gz";
    write_file(bad, "no archive");
    const auto small = table_.folder() / "small.img";
    make_empty_card(small, Bytes{64 << 20});
    {
        const AttachedImage card(card_);
        EXPECT_EQ(run_without_question(card.node(), bad), 2) << said_;
        EXPECT_EQ(run_without_question(card.node(), table_.workshop() / "nowhere"), 2) << said_;
        const AttachedImage small_card(small);
        EXPECT_EQ(run_without_question(small_card.node(), table_.medkit()), 3) << said_;
    }
    const LoopImage disk(card_);
    const auto partition = must(storage::volumes_of(disk.as(storage::DriveRole::card))).front().node;
    const WritableMount other_user(partition, "btrfs");
    EXPECT_EQ(run_without_question(disk.node(), table_.medkit()), 3) << said_;
}

// While the user thinks, another card is put into the card reader.
TEST_F(Question, IsAboutTheCardThatWasThereWhenItWasAsked) {
    const auto other = table_.folder() / "other.img";
    copy_sparse(card_, other);
    const auto before = image_digest(other);
    auto node = output_of({"losetup", "--find", "--show", card_});
    node.erase(node.find_last_not_of('\n') + 1);
    {
        RunningProgram rescue(command(node, table_.medkit()), Connection::terminal);
        rescue.wait_for(question);
        run({"losetup", "--detach", node});
        run({"losetup", node, other});
        rescue.type("yes\n");
        EXPECT_EQ(rescue.wait(), 3) << rescue.output();
        EXPECT_TRUE(rescue.output().contains("has changed since the question")) << rescue.output();
    }
    run({"losetup", "--detach", node});
    EXPECT_EQ(image_digest(other), before) << "the wrong card was written";
}

}  // namespace
}  // namespace mox::test_support
