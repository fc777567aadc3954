#include "storage/card.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "base/child_process.hpp"
#include "base/file.hpp"
#include "storage/mount.hpp"
#include "storage/subvolume.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/temporary_directory.hpp"

namespace mox::storage {
namespace {

using namespace unit_literals;
using test_support::Damage;
using test_support::format;
using test_support::image_digest;
using test_support::LoopImage;
using test_support::must;
using test_support::PartitionTable;
using test_support::WritableMount;

constexpr auto kind = ErrorKind::internal;

/// What a program that reads only says about a node: "blkid -p -o value -s TAG NODE".
std::string tag(const std::filesystem::path& node, const std::string& name) {
    auto result =
        must(run_child({"blkid", "-p", "-o", "value", "-s", name, node.native()}, std::chrono::seconds(10)));
    while (!result.output.empty() && result.output.back() == '\n') result.output.pop_back();
    return result.output;
}

class Card : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path image() const { return folder_ / "card.img"; }

    /// Examines the card in `image()`, and checks that this changed nothing on it.
    CardReport examine() {
        const auto before = image_digest(image());
        LoopImage card(image());
        auto report = must(examine_card(card.as(DriveRole::card)));
        card.detach();
        EXPECT_EQ(image_digest(image()), before) << "examining has written to the card";
        return report;
    }

    test_support::TemporaryDirectory folder_;
};

TEST_F(Card, WithAnOldSystemIsHealthy) {
    test_support::make_card_with_old_system(image(), 512_MiB);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::healthy) << report.reason;
    EXPECT_EQ(report.btrfs_node.native().substr(0, 9), "/dev/loop");
    EXPECT_EQ(report.btrfs_node.native().substr(report.btrfs_node.native().size() - 2), "p1");
    EXPECT_GT(report.free, 200_MiB);
    EXPECT_LT(report.free, 512_MiB);
    EXPECT_EQ(report.warning, "");
}

TEST_F(Card, ThatIsEmptyIsNotOurs) {
    test_support::make_empty_card(image(), 256_MiB);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::not_ours);
    EXPECT_EQ(report.reason, "it is empty, or holds nothing that this system knows");
}

TEST_F(Card, WithoutAPartitionTableIsNotOursBecauseItNeverBooted) {
    test_support::make_card_without_table(image(), 256_MiB);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::not_ours);
    EXPECT_EQ(report.reason, "it has Btrfs without a partition table, and the router boots from partition 1");
}

TEST_F(Card, WithExt4IsNotOurs) {
    test_support::make_ext4_card(image(), 256_MiB);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::not_ours);
    EXPECT_EQ(report.reason, "partition 1 holds ext4 instead of Btrfs");
}

TEST_F(Card, WithABtrfsThatHoldsNoSystemIsNotOurs) {
    {
        const LoopImage card(image(), 256_MiB, PartitionTable::one_primary);
        format(card.partition(), "btrfs");
    }
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::not_ours);
    EXPECT_EQ(report.reason, "its Btrfs has no subvolume @, so it holds no Turris system");
}

TEST_F(Card, WhoseTreesAreDestroyedIsDamaged) {
    test_support::make_damaged_card(image(), 256_MiB, Damage::trees);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::damaged);
    EXPECT_NE(report.reason.find("its Btrfs is damaged or cannot be read ("), std::string::npos)
        << report.reason;
}

TEST_F(Card, WhoseSuperBlocksAreDestroyedIsNotOurs) {
    test_support::make_damaged_card(image(), 256_MiB, Damage::super_blocks);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::not_ours);
    EXPECT_EQ(report.reason, "partition 1 holds no file system that this system knows");
}

TEST_F(Card, ThatIsFullHasNothingFree) {
    test_support::make_full_card(image(), 256_MiB);
    const auto report = examine();
    EXPECT_EQ(report.state, CardState::healthy) << report.reason;
    EXPECT_LT(report.free, 2_MiB);
}

TEST_F(Card, WithALogThatWaitsToBeReplayedIsHealthy) {
    const auto pulled = folder_ / "pulled.img";
    test_support::make_card_with_old_system(pulled, 256_MiB);
    {
        const LoopImage card(pulled);
        const auto volume = must(volumes_of(card.as(DriveRole::card))).front();
        const WritableMount mounted(volume.node, "btrfs");
        test_support::write_file(mounted / "@/late", "late");
        const auto late = must(open_file(mounted / "@/late", O_RDONLY, kind));
        ASSERT_EQ(::fsync(late.get()), 0);
        test_support::copy_sparse(pulled, image());
    }
    EXPECT_EQ(examine().state, CardState::healthy);
}

TEST_F(Card, ThatIsInUseElsewhereIsAnErrorNotDamage) {
    test_support::make_card_with_old_system(image(), 256_MiB);
    const LoopImage card(image());
    const auto volume = must(volumes_of(card.as(DriveRole::card))).front();
    const WritableMount somebody(volume.node, "btrfs");
    const auto report = examine_card(card.as(DriveRole::card));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind(), ErrorKind::card);
    EXPECT_NE(report.error().describe().find("is in use"), std::string::npos) << report.error().describe();

    const auto formatted = partition_and_format(card.as(DriveRole::card));
    ASSERT_FALSE(formatted);
    EXPECT_NE(formatted.error().describe().find("is in use"), std::string::npos)
        << formatted.error().describe();
    EXPECT_TRUE(is_subvolume(somebody.root(), "@"));
}

TEST_F(Card, ThatIsWriteProtectedIsAnErrorWithAdvice) {
    test_support::make_card_with_old_system(image(), 256_MiB);
    const LoopImage card(image(), LoopAccess::read_only);
    for (const auto& error : {examine_card(card.as(DriveRole::card)).error(),
                              partition_and_format(card.as(DriveRole::card)).error()}) {
        EXPECT_EQ(error.kind(), ErrorKind::card);
        EXPECT_NE(error.describe().find("write protected; look for a switch, or use another card"),
                  std::string::npos)
            << error.describe();
    }
}

TEST_F(Card, MayBeExaminedWhileAMedkitOnItIsRead) {
    test_support::make_card_with_old_system(image(), 256_MiB);
    const LoopImage card(image());
    const auto volume = must(volumes_of(card.as(DriveRole::card))).front();
    const auto source = must(mount_source(volume));
    EXPECT_EQ(must(examine_card(card.as(DriveRole::card))).state, CardState::healthy);
    EXPECT_TRUE(is_subvolume(source.root(), "@"));
}

/// Every kind of card that may have to be formatted.
using Maker = void (*)(const std::filesystem::path&, Bytes);
using Case = std::pair<const char*, Maker>;
class AnyCard : public Card, public testing::WithParamInterface<Case> {};

TEST_P(AnyCard, IsPartitionedAndFormatted) {
    GetParam().second(image(), 256_MiB);
    const LoopImage card(image());
    const auto drive = card.as(DriveRole::card);
    // As on the router, where somebody has looked at it before.
    (void)must(volumes_of(drive));

    const auto node = must(partition_and_format(drive));
    EXPECT_EQ(node, card.partition());
    const auto volumes = must(volumes_of(drive));
    ASSERT_EQ(volumes.size(), 1U);
    EXPECT_EQ(volumes.front().node, node);
    EXPECT_EQ(volumes.front().filesystem, "btrfs");
    EXPECT_EQ(volumes.front().size, drive.size - 1_MiB);
    EXPECT_EQ(tag(card.node(), "PTTYPE"), "dos");
    EXPECT_EQ(tag(card.node(), "TYPE"), "");
    EXPECT_EQ(tag(node, "PART_ENTRY_TYPE"), "0x83");
    EXPECT_EQ(tag(node, "PART_ENTRY_OFFSET"), "2048");

    const auto mounted = must(mount_card(node));
    EXPECT_TRUE(std::filesystem::is_empty(mounted.path()));
}

INSTANTIATE_TEST_SUITE_P(
    Cards, AnyCard,
    testing::Values(Case{"old_system", test_support::make_card_with_old_system},
                    Case{"empty", test_support::make_empty_card},
                    Case{"no_table", test_support::make_card_without_table},
                    Case{"damaged_trees", Maker{[](const std::filesystem::path& image, Bytes size) {
                             test_support::make_damaged_card(image, size, Damage::trees);
                         }}},
                    Case{"damaged_super_blocks", Maker{[](const std::filesystem::path& image, Bytes size) {
                             test_support::make_damaged_card(image, size, Damage::super_blocks);
                         }}},
                    Case{"ext4", test_support::make_ext4_card}, Case{"gpt", test_support::make_gpt_card}),
    [](const auto& instance) { return std::string(instance.param.first); });

TEST_F(Card, GetsAnotherPartuuidEachTimeItIsFormatted) {
    const LoopImage card(image(), 256_MiB);
    std::set<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        const auto node = must(partition_and_format(card.as(DriveRole::card)));
        ids.insert(tag(node, "PART_ENTRY_UUID"));
    }
    EXPECT_EQ(ids.size(), 3U);
    for (const auto& id : ids) {
        EXPECT_EQ(id.size(), std::string("12345678-01").size()) << id;
        EXPECT_NE(id, "00000000-01");
    }
}

TEST_F(Card, ThatIsTooSmallIsLeftAlone) {
    const LoopImage card(image(), 128_MiB);
    const auto before = image_digest(image());
    const auto result = partition_and_format(card.as(DriveRole::card));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::card);
    EXPECT_NE(
        result.error().describe().find("it holds 134.2 MB, and a system needs 268.4 MB; use a larger card"),
        std::string::npos)
        << result.error().describe();
    EXPECT_EQ(image_digest(image()), before);
}

/// A new card must be able to hold what was promised before it was formatted: the promise is kept with files
/// that do not compress, besides many small ones.
class CapacityOfANewCard : public Card, public testing::WithParamInterface<unsigned> {};

TEST_P(CapacityOfANewCard, IsAtLeastWhatWasPromised) {
    const LoopImage card(image(), Bytes{GetParam()} * (1ULL << 20));
    const auto drive = card.as(DriveRole::card);
    const auto promised = capacity_after_format(drive);
    EXPECT_GT(promised, Bytes{drive.size.count / 4});

    const auto node = must(partition_and_format(drive));
    auto mounted = must(mount_card(node));
    must(create_subvolume(mounted.root(), "@"));
    for (int i = 0; i < 2000; ++i)
        test_support::write_file(mounted.path() / "@" / std::to_string(i), std::string(1500, 'x'));
    const auto file = must(open_file(mounted.path() / "@/large", O_WRONLY | O_CREAT, kind));
    ASSERT_EQ(::posix_fallocate(file.get(), 0, static_cast<off_t>(promised.count)), 0);
    must(sync_filesystem(mounted.root()));
}

TEST_P(CapacityOfANewCard, IsWhatAnExaminationFindsFree) {
    const LoopImage card(image(), Bytes{GetParam()} * (1ULL << 20));
    const auto drive = card.as(DriveRole::card);
    const auto node = must(partition_and_format(drive));
    {
        auto mounted = must(mount_card(node));
        must(create_subvolume(mounted.root(), "@"));
        must(mounted.unmount());
    }
    const auto report = must(examine_card(drive));
    EXPECT_GE(report.free, capacity_after_format(drive));
    EXPECT_LT(report.free, drive.size);

    auto mounted = must(mount_card(report.btrfs_node));
    const auto file = must(open_file(mounted.path() / "@/large", O_WRONLY | O_CREAT, kind));
    EXPECT_EQ(::posix_fallocate(file.get(), 0, static_cast<off_t>(report.free.count)), 0);
}

INSTANTIATE_TEST_SUITE_P(Mebibytes, CapacityOfANewCard, testing::Values(256U, 1024U, 4096U, 65536U),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace mox::storage
