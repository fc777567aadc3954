// Every sensible pair of a place for the medkit and a card to begin with ends in the same, complete system.

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>

#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

/// Where the medkit lies on a stick.
struct Stick {
    std::string name;
    Table table;
    std::string filesystem;
};

/// A card before the re-flash.
struct CardBefore {
    std::string name;
    void (*make)(const fs::path& image, Bytes size);
    bool is_healthy;  ///< a healthy card is not formatted
};

void PrintTo(const Stick& stick, std::ostream* out) {
    *out << stick.name;
}
void PrintTo(const CardBefore& card, std::ostream* out) {
    *out << card.name;
}

const Stick sticks[] = {
    {"Ext4StickWithTable", Table::dos, "ext4"},
    {"Ext4StickWithoutTable", Table::none, "ext4"},
    {"BtrfsStickWithTable", Table::dos, "btrfs"},
    {"BtrfsStickWithoutTable", Table::none, "btrfs"},
};

const CardBefore cards[] = {
    {"OldSystem", make_card_with_old_system, true},
    {"Empty", make_empty_card, false},
    {"NoTable", make_card_without_table, false},
    {"DamagedTrees", [](const fs::path& image, Bytes size) { make_damaged_card(image, size, Damage::trees); },
     false},
    {"DamagedSuperBlocks",
     [](const fs::path& image, Bytes size) { make_damaged_card(image, size, Damage::super_blocks); }, false},
    {"Full", make_full_card, false},
    {"Ext4", make_ext4_card, false},
};

/// Runs mode 4 and looks at everything that must be true afterwards.
class Reflash {
public:
    explicit Reflash(TarFormat format = TarFormat::posix) : table(format) {}

    void expect_complete_system(const fs::path& card, const std::optional<fs::path>& stick) const {
        const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table.keys(), card, stick);
        ASSERT_EQ(result.exit_status, 0) << result.output;
        EXPECT_TRUE(result.output.contains("signed by trusted key " + table.key().number)) << result.output;
        for (const auto& flaw : flaws_of_flashed_card(card, table.description()))
            ADD_FAILURE() << flaw << "\n" << result.output;
        for (const auto& flaw : flaws_of_partition_table(card)) ADD_FAILURE() << flaw;
    }

    RescueTable table;
};

class ReflashMatrix : public ::testing::TestWithParam<std::tuple<CardBefore, Stick>> {};

TEST_P(ReflashMatrix, EndsInACompleteSystemAndLeavesTheStickAsItWas) {
    const auto& [before, source] = GetParam();
    const Reflash reflash;
    const auto stick = reflash.table.folder() / "stick.img";
    make_disk(stick, {192 << 20}, source.table);
    make_filesystem(stick, source.table, source.filesystem, reflash.table.content());
    const auto card = reflash.table.folder() / "card.img";
    before.make(card, card_size);

    const auto stick_before = image_digest(stick);
    const auto id_before = before.is_healthy ? btrfs_id(card) : std::string{};
    ASSERT_NO_FATAL_FAILURE(reflash.expect_complete_system(card, stick));
    EXPECT_EQ(image_digest(stick), stick_before) << "the stick was written";
    if (before.is_healthy) {
        EXPECT_EQ(btrfs_id(card), id_before) << "a healthy card was formatted";
    }
}

INSTANTIATE_TEST_SUITE_P(Stick, ReflashMatrix,
                         ::testing::Combine(::testing::ValuesIn(cards), ::testing::ValuesIn(sticks)),
                         [](const auto& each) {
                             return std::get<0>(each.param).name + "CardFrom" + std::get<1>(each.param).name;
                         });

/// Puts the medkit on the card that will be flashed with it.
void put_on_card(const fs::path& card, const std::string& filesystem, const fs::path& folder,
                 const RescueTable& table) {
    const MountedImage mounted(card, partition_start, filesystem);
    fs::copy(table.content(), mounted.path() / folder);
}

TEST(ReflashFromTheCardItself, AMedkitAtTheTopLevelOfItsBtrfs) {
    const Reflash reflash;
    const auto card = reflash.table.folder() / "card.img";
    make_card_with_whole_system(card);
    put_on_card(card, "btrfs", ".", reflash.table);
    const auto id_before = btrfs_id(card);
    ASSERT_NO_FATAL_FAILURE(reflash.expect_complete_system(card, std::nullopt));
    EXPECT_EQ(btrfs_id(card), id_before) << "a healthy card was formatted";
}

TEST(ReflashFromTheCardItself, AMedkitInTheRootFolderOfItsSystem) {
    const Reflash reflash;
    const auto card = reflash.table.folder() / "card.img";
    make_card_with_whole_system(card);
    put_on_card(card, "btrfs", "@", reflash.table);
    const auto id_before = btrfs_id(card);
    ASSERT_NO_FATAL_FAILURE(reflash.expect_complete_system(card, std::nullopt));
    EXPECT_EQ(btrfs_id(card), id_before) << "a healthy card was formatted";
}

TEST(ReflashFromTheCardItself, AMedkitOnItsExt4WhichIsFormatted) {
    const Reflash reflash;
    const auto card = reflash.table.folder() / "card.img";
    make_ext4_card(card, card_size);
    put_on_card(card, "ext4", ".", reflash.table);
    reflash.expect_complete_system(card, std::nullopt);
}

TEST(ReflashFromTheCardItself, AStickIsPreferred) {
    const Reflash reflash;
    const auto card = reflash.table.folder() / "card.img";
    make_card_with_whole_system(card);
    {
        const MountedImage mounted(card, partition_start, "btrfs");
        const auto stale = mounted / "mox-medkit-203001010000.tar.gz";
        make_system_tree(reflash.table.workshop() / "stale", "1.0.0", 77);
        pack_with_tar(reflash.table.workshop() / "stale", stale);
        sign_beside(stale, reflash.table.key());
    }
    const auto stick = reflash.table.folder() / "stick.img";
    make_disk(stick, {64 << 20}, Table::none);
    make_filesystem(stick, Table::none, "ext4", reflash.table.content());
    reflash.expect_complete_system(card, stick);
}

TEST(Reflash, OfAMedkitMadeByPlainTarIsTheSameAsWhatTarMakesOfIt) {
    const Reflash reflash(TarFormat::gnu);
    const auto card = reflash.table.folder() / "card.img";
    make_card_with_whole_system(card);
    const auto stick = reflash.table.folder() / "stick.img";
    make_disk(stick, {64 << 20}, Table::none);
    make_filesystem(stick, Table::none, "ext4", reflash.table.content());
    reflash.expect_complete_system(card, stick);
}

TEST(Reflash, KeepsTheLastTenLogs) {
    const Reflash reflash;
    const auto card = reflash.table.folder() / "card.img";
    make_card_with_whole_system(card);  // with twelve logs, 0101 to 0112
    const auto stick = reflash.table.folder() / "stick.img";
    make_disk(stick, {64 << 20}, Table::none);
    make_filesystem(stick, Table::none, "ext4", reflash.table.content());
    ASSERT_NO_FATAL_FAILURE(reflash.expect_complete_system(card, stick));

    const MountedImage mounted(card, partition_start, "btrfs");
    const auto folder = mounted / "@/var/log/mox-rescue";
    const auto names = names_in(folder);
    ASSERT_EQ(names.size(), 10U);
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        const auto number = std::to_string(104 + i);
        EXPECT_EQ(names[i], "0" + number + "-reflash.log");
        EXPECT_EQ(read_file(folder / names[i]), "log number " + number + "\n");
    }
    EXPECT_EQ(names.back(), "0113-reflash.log");
    EXPECT_TRUE(read_file(folder / names.back()).contains("erased the old system"));
}

TEST(Reflash, AnExtraArchiveIsUnpackedOverTheMedkit) {
    Reflash reflash;
    const auto& table = reflash.table;
    const auto extra = table.content() / "mox-medkit-latest-extra.tar.gz";
    const auto overlay = table.workshop() / "overlay";
    write_file(overlay / "etc/turris-version", "9.0.1-mine\n");
    write_file(overlay / "etc/config/mine", "added\n");
    pack_with_tar(overlay, extra);
    sign_beside(extra, table.key());
    // What it must be: GNU tar unpacks one over the other.
    const auto both = table.workshop() / "both";
    fs::create_directory(both);
    for (const auto& archive : {table.medkit(), extra})
        run({"tar", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-C", both.native(), "-xpzf",
             archive.native()});
    const auto expected = describe_system(both);

    const auto stick = table.folder() / "stick.img";
    make_disk(stick, {64 << 20}, Table::none);
    make_filesystem(stick, Table::none, "ext4", table.content());
    const auto card = table.folder() / "card.img";
    make_card_with_whole_system(card);
    const auto result = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table.keys(), card, stick);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    for (const auto& flaw : flaws_of_flashed_card(card, expected)) ADD_FAILURE() << flaw;
}

}  // namespace
}  // namespace mox::test_support
