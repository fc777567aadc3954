// Medkits that must not be flashed: each is rejected with its own reason before the card changes.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/bad_medkits.hpp"
#include "support/card_images.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run.hpp"
#include "support/rescue_run_card.hpp"
#include "support/storage_daemon.hpp"
#include "support/tar_builder.hpp"

namespace mox::test_support {
namespace {

namespace fs = std::filesystem;

/// A router with an old system, a stick that is being filled, and keys.
class Router {
public:
    Router() {
        make_card_with_old_system(card(), card_size);
        content_ = {folder_ / "content", make_signing_key(folder_ / "secret", "trusted"),
                    make_signing_key(folder_ / "secret", "stranger")};
        trust(content_.trusted, keys());
        fs::create_directory(content_.folder);
    }

    [[nodiscard]] fs::path card() const { return folder_ / "card.img"; }
    [[nodiscard]] fs::path stick() const { return folder_ / "stick.img"; }
    [[nodiscard]] fs::path keys() const { return folder_ / "keys"; }
    [[nodiscard]] const StickContent& content() const { return content_; }

    void make_stick() const {
        make_disk(stick(), {64 << 20}, Table::dos);
        make_filesystem(stick(), Table::dos, "ext4", content_.folder);
    }

    [[nodiscard]] ChildResult flash(const std::vector<std::string>& options = {}) const {
        return run_mode_4_on_images(MOX_RESCUE_PROGRAM, keys(), card(), stick(), options);
    }

    /// Exit status, LED code, the reason, and not a bit of card or stick changed.
    void expect_rejection(const std::string& reason, const std::vector<std::string>& options = {}) const {
        const auto card_before = image_digest(card());
        const auto stick_before = image_digest(stick());
        const auto result = flash(options);
        EXPECT_EQ(result.exit_status, 2) << result.output;
        EXPECT_TRUE(result.output.contains("\"led_code\": 2")) << result.output;
        EXPECT_TRUE(result.output.contains(reason)) << "expected: " << reason << "\n" << result.output;
        EXPECT_EQ(image_digest(card()), card_before) << "the card was written\n" << result.output;
        EXPECT_EQ(image_digest(stick()), stick_before) << "the stick was written\n" << result.output;
    }

private:
    RamFolder folder_;
    StickContent content_;
};

class BadMedkits : public ::testing::TestWithParam<BadMedkit> {};

TEST_P(BadMedkits, IsRejectedBeforeTheCardChanges) {
    const Router router;
    GetParam().put(router.content());
    router.make_stick();
    router.expect_rejection(GetParam().reason, GetParam().options);
}

const auto name_of_medkit = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(NotVouchedFor, BadMedkits, ::testing::ValuesIn(medkits_that_nobody_vouches_for()),
                         name_of_medkit);
INSTANTIATE_TEST_SUITE_P(Broken, BadMedkits, ::testing::ValuesIn(broken_archives()), name_of_medkit);
INSTANTIATE_TEST_SUITE_P(Malicious, BadMedkits, ::testing::ValuesIn(malicious_archives()), name_of_medkit);
INSTANTIATE_TEST_SUITE_P(Useless, BadMedkits, ::testing::ValuesIn(useless_medkits()), name_of_medkit);
INSTANTIATE_TEST_SUITE_P(Named, BadMedkits, ::testing::ValuesIn(medkits_with_useless_names()),
                         name_of_medkit);

TEST(BadSticks, AStickWithoutAFileSystemIsNamedWithTheReason) {
    const Router router;
    write_file(router.stick(), noise(8 << 20));
    router.expect_rejection("there is no file system that this system knows");
}

TEST(BadSticks, ADamagedFileSystemIsNamedWithTheReason) {
    const Router router;
    write_file(router.content().medkit(), gzip(minimal_medkit().finished()));
    router.make_stick();
    {
        // The blocks after the super block, be they of 1 or 4 KiB: ext4's group descriptors.
        std::fstream image(router.stick(), std::ios::in | std::ios::out | std::ios::binary);
        image.seekp(static_cast<std::streamoff>(partition_start + 2048));
        image << noise(6144);
    }
    router.expect_rejection("ext4");
}

/// Where in an image the bytes of a file lie.
std::uint64_t place_of(const std::string& bytes, const fs::path& image) {
    const auto all = read_file(image);
    const auto at = all.find(bytes);
    EXPECT_NE(at, std::string::npos);
    return at;
}

TEST(BadSticks, AStickThatStopsAnsweringWhileItIsReadIsNoSourceOfAnything) {
    const Router router;
    const auto archive = gzip(minimal_medkit().finished());
    write_file(router.content().medkit(), archive);
    write_sha256_beside(router.content().medkit());
    sign_beside(router.content().medkit(), router.content().trusted);
    router.make_stick();
    const auto middle = place_of(archive.substr(archive.size() / 2, 64), router.stick());

    const auto card_before = image_digest(router.card());
    const auto stick_before = image_digest(router.stick());
    const auto shown = fs::path(router.stick()).replace_filename("shown.img");
    write_file(shown, {});
    fs::resize_file(shown, fs::file_size(router.stick()));
    auto daemon = StorageDaemon::with_unreadable_sector(router.stick(), middle, shown);
    {
        AttachedImage card(router.card());
        AttachedImage stick(shown);
        const auto result = run_mode_4(MOX_RESCUE_PROGRAM, router.keys(), card.node(), stick.node());
        EXPECT_EQ(result.exit_status, 2) << result.output;
        EXPECT_TRUE(result.output.contains("cannot be read: Input/output error")) << result.output;
        EXPECT_TRUE(result.output.contains("check that the drive is plugged in")) << result.output;
        stick.detach();
        card.detach();
    }
    daemon.stop();
    EXPECT_EQ(image_digest(router.card()), card_before) << "the card was written";
    EXPECT_EQ(image_digest(router.stick()), stick_before) << "the stick was written";
}

class OddMedkits : public ::testing::TestWithParam<OddMedkit> {};

TEST_P(OddMedkits, IsAccepted) {
    const Router router;
    GetParam().put(router.content());
    router.make_stick();
    const auto stick_before = image_digest(router.stick());
    const auto result = router.flash(GetParam().options);
    ASSERT_EQ(result.exit_status, 0) << result.output;
    EXPECT_TRUE(result.output.contains(GetParam().said)) << result.output;
    EXPECT_EQ(image_digest(router.stick()), stick_before) << "the stick was written\n" << result.output;

    const MountedImage card(router.card(), partition_start, "btrfs");
    EXPECT_EQ(names_in(card.path()), (std::vector<std::string>{"@", "@factory", "boot.scr"}));
    EXPECT_EQ(read_file(card / "@/etc/turris-version"), std::string(odd_version) + "\n");
    EXPECT_EQ(read_file(card / "@/boot/Image"), noise(300'000, 7));
}

INSTANTIATE_TEST_SUITE_P(With, OddMedkits, ::testing::ValuesIn(odd_medkits()), name_of_medkit);
INSTANTIATE_TEST_SUITE_P(Named, OddMedkits, ::testing::ValuesIn(medkits_with_changed_names()),
                         name_of_medkit);

TEST(BadMedkitsTable, HasAReasonOfItsOwnForEach) {
    std::vector<std::string> reasons;
    for (const auto& list :
         {medkits_that_nobody_vouches_for(), broken_archives(), malicious_archives(), useless_medkits()})
        for (const auto& medkit : list) reasons.push_back(medkit.reason);
    EXPECT_GE(reasons.size(), 25U);
    std::ranges::sort(reasons);
    const auto different = std::ranges::distance(reasons.begin(), std::ranges::unique(reasons).begin());
    EXPECT_GE(different, 25) << "too many share a message";
}

}  // namespace
}  // namespace mox::test_support
