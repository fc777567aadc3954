// Mode 4 on a PC: a card in a card reader, and a medkit in a directory (`mox-rescue run reflash --medkit`).

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/child_process.hpp"
#include "storage/drive.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "support/rescue_run_loop.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class OnAPc : public testing::Test {
protected:
    OnAPc() {
        make_empty_card(card_, card_size);
        fs::create_directory(place_);
    }

    /// `run 4 --yes --json --card CARD` and `options`.
    [[nodiscard]] ChildResult flash(const Words& options) const {
        return run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, std::nullopt, options);
    }

    /// A medkit without a signature.
    fs::path medkit(const std::string& name, const std::string& version) const {
        write_file(place_ / name, gzip(minimal_medkit(version).finished()));
        return place_ / name;
    }

    void expect_flashed(const Words& options) const {
        const auto said = flash(options);
        EXPECT_EQ(said.exit_status, 0) << said.output;
        EXPECT_EQ(flaws_of_flashed_card(card_, table_.description()), Words()) << said.output;
        for (const std::string word : {"boot environment", "boot loader", "rescue_keys"})
            EXPECT_FALSE(said.output.contains(word)) << "a PC has none of that: " << said.output;
    }

    /// Ends with `status` and all of `reasons`, and not a bit of the card is changed.
    void expect_refused(const Words& options, int status, const Words& reasons) const {
        const auto before = image_digest(card_);
        const auto said = flash(options);
        EXPECT_EQ(said.exit_status, status) << said.output;
        for (const auto& reason : reasons)
            EXPECT_TRUE(said.output.contains(reason)) << "expected: " << reason << "\n" << said.output;
        EXPECT_EQ(image_digest(card_), before) << "the card was written\n" << said.output;
    }

    RescueTable table_;
    const fs::path place_ = table_.workshop() / "some place";
    const fs::path card_ = table_.folder() / "card.img";
};

TEST_F(OnAPc, AMedkitIsNamedByItsFile) {
    expect_flashed({"--medkit", table_.medkit()});
}

TEST_F(OnAPc, AMedkitIsNamedByItsDirectory) {
    expect_flashed({"--medkit", table_.content()});
}

// The name is the user's business, and what belongs to the medkit is beside the file that a link leads to.
TEST_F(OnAPc, AnyNameAndALinkAreFine) {
    const auto file = place_ / "my own medkit.tar.gz";
    fs::copy_file(table_.medkit(), file);
    write_sha256_beside(file);
    sign_beside(file, table_.key());
    const auto link = table_.workshop() / "link";
    fs::create_symlink(file, link);
    expect_flashed({"--medkit", link, "--require-signature"});
}

TEST_F(OnAPc, WhatBelongsToTheFileMustBeRight) {
    const auto file = place_ / "mine.tar.gz";
    fs::copy_file(table_.medkit(), file);
    expect_refused({"--medkit", file, "--require-signature"}, 2, {"mine.tar.gz has no signature beside it"});
    write_file(place_ / "mine.tar.gz.sha256", std::string(64, '0') + "  mine.tar.gz\n");
    expect_refused({"--medkit", file}, 2, {"SHA-256 does not match"});
    fs::remove(place_ / "mine.tar.gz.sha256");
    write_file(place_ / "mine-extra.tar.gz", "no archive");
    expect_refused({"--medkit", file}, 2, {"mine-extra.tar.gz", "is not a gzip file"});
}

TEST_F(OnAPc, OfSeveralTheBestOneIsTaken) {
    const auto older = medkit("older.tar.gz", "1.0");
    const auto newer = medkit("newer.tar.gz", "2.0");
    const auto said = flash({"--medkit", newer, "--medkit", older, "--dry-run"});
    EXPECT_EQ(said.exit_status, 0) << said.output;
    EXPECT_TRUE(said.output.contains("newer.tar.gz: taken (not verified, version 2.0")) << said.output;
    EXPECT_TRUE(said.output.contains("older.tar.gz: not taken")) << said.output;
}

TEST_F(OnAPc, AFileAndADriveAreComparedByTheSameRules) {
    const auto stick = table_.folder() / "stick.img";
    make_disk(stick, Bytes{64 << 20}, Table::dos);
    make_filesystem(stick, Table::dos, "ext4", table_.content());
    const auto said = run_mode_4_on_images(MOX_RESCUE_PROGRAM, table_.keys(), card_, stick,
                                           {"--medkit", medkit("mine.tar.gz", "99.0"), "--dry-run"});
    EXPECT_EQ(said.exit_status, 0) << said.output;
    EXPECT_TRUE(said.output.contains("mox-medkit-latest.tar.gz: taken (signed")) << said.output;
}

// A medkit that is named is the only one that is taken.
TEST_F(OnAPc, AMedkitOnTheCardIsNotTakenInsteadOfTheNamedOne) {
    make_card_with_old_system(card_, card_size);
    {
        const MountedImage card(card_, partition_start, "btrfs");
        fs::copy_file(table_.medkit(), card / "mox-medkit-latest.tar.gz");
    }
    write_file(place_ / "mox-medkit-bad.tar.gz", "no archive");
    expect_refused({"--medkit", place_}, 2, {"is not a gzip file"});
    fs::remove(place_ / "mox-medkit-bad.tar.gz");
    expect_refused({"--medkit", place_}, 2, {"no medkit found in " + place_.native(), "with --medkit"});
}

TEST_F(OnAPc, WhatIsNoMedkitIsSaidWithTheOptionToUse) {
    expect_refused({"--medkit", place_ / "nowhere"}, 2, {(place_ / "nowhere: No such file").native()});
    expect_refused({"--medkit", "/dev/null"}, 2, {"/dev/null is neither a file nor a directory"});
    expect_refused({}, 2, {"no medkit found", "with --medkit", "with --drive"});
    const AttachedImage stick(card_);
    expect_refused({"--medkit", stick.node()}, 2, {"search a drive with --drive " + stick.node().native()});
    expect_refused({"--drive", table_.medkit()}, 2, {"with --medkit " + table_.medkit().native()});
}

TEST_F(OnAPc, NoKeysAreSaidWithTheOptionToUse) {
    const AttachedImage card(card_);
    const auto said = run_mode_4(MOX_RESCUE_PROGRAM, table_.workshop() / "nowhere", card.node(), std::nullopt,
                                 {"--medkit", table_.medkit()});
    EXPECT_EQ(said.exit_status, 2) << said.output;
    EXPECT_TRUE(said.output.contains("hint: name a directory of public keys with --keys DIRECTORY"))
        << said.output;
}

TEST_F(OnAPc, NoCardIsSaidWithTheOptionToUse) {
    const auto said =
        must(run_child({MOX_RESCUE_PROGRAM, "run", "reflash", "--yes", "--medkit", table_.medkit()},
                       std::chrono::seconds(9)));
    EXPECT_EQ(said.exit_status, 5) << said.output;
    EXPECT_TRUE(said.output.contains("--card /dev/sdX")) << said.output;
}

TEST_F(OnAPc, ACardThatIsTooSmallForAnySystemIsCode3WithBothSizes) {
    make_empty_card(card_, Bytes{128 << 20});
    expect_refused({"--medkit", table_.medkit()}, 3, {"too small", "134.2 MB", "268.4 MB", "a larger card"});
}

// With a checksum, because an archive that nothing is known about may as well be damaged (bad_medkits_test).
TEST_F(OnAPc, ACardThatIsTooSmallForTheMedkitIsCode3WithBothSizes) {
    auto large = minimal_medkit();
    large.old_gnu_sparse("./large", noise(512), 1ULL << 30);
    const auto file = place_ / "large.tar.gz";
    write_file(file, gzip(large.finished()));
    write_sha256_beside(file);
    expect_refused({"--medkit", file}, 3,
                   {"the card is too small", "unpacked it is 1.1 GB", "536.9 MB", "use a larger card"});
}

TEST_F(OnAPc, ACardInUseIsCode3AndEveryMountPointIsSaid) {
    for (const std::string type : {"ext4", "btrfs"}) {
        make_empty_card(card_, card_size);
        make_disk(card_, card_size, Table::dos);
        make_filesystem(card_, Table::dos, type);
        const LoopImage disk(card_);
        const auto node = must(storage::volumes_of(disk.as(storage::DriveRole::card))).front().node;
        const auto one = table_.workshop() / "one";
        const auto two = table_.workshop() / "two";
        for (const auto& directory : {one, two}) {
            fs::create_directories(directory);
            ASSERT_EQ(::mount(node.c_str(), directory.c_str(), type.c_str(), MS_RDONLY, nullptr), 0);
        }
        const auto said = run_mode_4(MOX_RESCUE_PROGRAM, table_.keys(), disk.node(), std::nullopt,
                                     {"--medkit", table_.medkit(), "--dry-run"});
        for (const auto& directory : {one, two}) ASSERT_EQ(::umount(directory.c_str()), 0);
        EXPECT_EQ(said.exit_status, 3) << said.output;
        for (const auto& directory : {one, two})
            EXPECT_TRUE(said.output.contains(node.native() + " is mounted on " + directory.native()))
                << said.output;
        EXPECT_FALSE(said.output.contains("checking /")) << "before the long checks: " << said.output;
    }
}

// One rule: `medkit pack` warns of exactly those medkits that mode 4 refuses.
// A medkit for a router that has a board file: its prefix, and the files without which it does not boot.
TEST_F(OnAPc, ABoardFileNamesTheRouterThatTheCardIsFor) {
    const auto board = table_.folder() / "own-box.conf";
    const auto file = medkit("own-box-medkit-1.tar.gz", "own box");
    const auto board_with = [&](const std::string& boot_files) {
        write_file(board, "LIKE=cznic,turris-mox\nMEDKIT_PREFIX=own-box\nBOOT_FILES='" + boot_files + "'\n");
    };
    board_with("boot/Image boot/boot.scr");
    const Words options{"--medkit", place_};
    const Words with_board{"--medkit", place_, "--board", board};
    expect_refused(options, 2, {file.filename(), "does not begin with mox-medkit"});
    board_with("boot/own-box.img boot/boot.scr");
    expect_refused(with_board, 2, {file.filename(), "boot/own-box.img"});
    write_file(board, "LIKE=cznic,turris-mox\nBOARD=mine\n");
    expect_refused(with_board, 5, {board, "BOARD: there is no such key"});
    board_with("boot/Image boot/boot.scr");
    const auto said = flash(with_board);
    EXPECT_EQ(said.exit_status, 0) << said.output;
}

/// Runs `medkit`.
ChildResult medkit_says(Words words) {
    words.insert(words.begin(), MEDKIT_PROGRAM);
    return must(run_child(words, std::chrono::seconds(20)));
}

TEST_F(OnAPc, MedkitLooksForTheBootFilesOfTheBoardFile) {
    const auto board = table_.folder() / "own-box.conf";
    write_file(board, "LIKE=cznic,turris-mox\nBOOT_FILES='boot/own-box.img boot/boot.scr'\n");
    const auto root = place_ / "root";
    fs::create_directories(root / "boot");
    for (const auto* name : {"own-box.img", "boot.scr"}) write_file(root / "boot" / name, "filled");
    const auto archive = place_ / "own-box-medkit-1.tar.gz";
    const auto packed = medkit_says({"pack", "--board", board, "--json", root, "-o", archive});
    EXPECT_EQ(packed.exit_status, 0) << packed.output;
    EXPECT_TRUE(packed.output.contains("\"missing_boot_files\": []")) << packed.output;
    EXPECT_EQ(medkit_says({"verify", "--board", board, archive}).exit_status, 0);
    EXPECT_TRUE(medkit_says({"inspect", "--board", board, archive}).output.contains("boot/own-box.img"));
    const auto as_mox = medkit_says({"verify", archive});
    EXPECT_EQ(as_mox.exit_status, 2) << as_mox.output;
    EXPECT_TRUE(as_mox.output.contains("boot/Image")) << as_mox.output;

    write_file(board, "LIKE=cznic,turris-mox\nBOOT_FILES=boot/boot.scr\nSIGNATURES_REQUIRED=yes\n");
    const auto not_signed = medkit_says({"verify", "--board", board, archive});
    EXPECT_EQ(not_signed.exit_status, 2) << not_signed.output;
    EXPECT_TRUE(not_signed.output.contains("signature")) << not_signed.output;
}

TEST_F(OnAPc, ARescueImageIsNotTakenForAMedkit) {
    const auto image = place_ / "mox-medkit-1-rescue.fit.lzma";
    write_file(image, "]");
    const auto said = medkit_says({"verify", image});
    EXPECT_EQ(said.exit_status, 2) << said.output;
    EXPECT_TRUE(said.output.contains("is a rescue image for the flash, not a medkit")) << said.output;
}

TEST_F(OnAPc, ABootEnvironmentThatIsNotThereIsSaidByItsName) {
    const auto missing = place_ / "fw_env.config";
    const auto of_missing = flash({"--medkit", table_.medkit(), "--boot-environment", missing});
    EXPECT_TRUE(of_missing.output.contains(missing.native() + ": No such file or directory"))
        << of_missing.output;
    write_file(missing, "# nothing\n");
    const auto of_empty = flash({"--medkit", table_.medkit(), "--boot-environment", missing});
    EXPECT_TRUE(of_empty.output.contains(missing.native() + " names no boot environment")) << of_empty.output;
}

TEST_F(OnAPc, PackWarnsOfWhatModeFourRefuses) {
    const auto root = table_.workshop() / "root";
    const std::vector<std::pair<std::string, std::vector<std::string>>> changes{
        {"", {}},
        {"boot.scr", {"rm", root / "boot/boot.scr"}},
        {"Image", {"truncate", "--size", "0", root / "boot/Image"}},
        {"armada-3720-turris-mox.dtb", {"ln", "-sf", "/elsewhere", root / "boot/armada-3720-turris-mox.dtb"}},
    };
    for (const auto& [missing, change] : changes) {
        fs::remove_all(root);
        fs::create_directories(root / "boot");
        for (const std::string name : {"Image", "armada-3720-turris-mox.dtb", "boot.scr"})
            write_file(root / "boot" / name, "x");
        if (!change.empty()) run(change);
        const auto archive = place_ / "packed.tar.gz";
        const auto packed =
            must(run_child({MEDKIT_PROGRAM, "pack", root, "-o", archive}, std::chrono::seconds(20)));
        EXPECT_EQ(packed.exit_status, 0) << packed.output;
        EXPECT_EQ(packed.output.contains("mode 4 refuses this medkit"), !missing.empty()) << packed.output;
        EXPECT_TRUE(packed.output.contains(missing)) << packed.output;
        const auto json = must(
            run_child({MEDKIT_PROGRAM, "pack", "--json", root, "-o", archive}, std::chrono::seconds(20)));
        EXPECT_EQ(json.exit_status, 0) << json.output;
        EXPECT_EQ(json.output.contains("\"missing_boot_files\": []"), missing.empty()) << json.output;
        const auto flashed = flash({"--medkit", archive, "--dry-run"});
        EXPECT_EQ(flashed.exit_status, missing.empty() ? 0 : 2) << flashed.output;
    }
    const auto extra = must(run_child({MEDKIT_PROGRAM, "pack", root, "-o", place_ / "packed-extra.tar.gz"},
                                      std::chrono::seconds(20)));
    EXPECT_FALSE(extra.output.contains("mode 4 refuses")) << extra.output;
}

}  // namespace
}  // namespace mox::test_support
