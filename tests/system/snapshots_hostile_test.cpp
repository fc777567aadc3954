// Cards that somebody has prepared: whatever lies at the top level is data, is not followed, and is shown
// escaped. Every call here must end soon; an alarm ends the test if one hangs.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "snapshots/changes.hpp"
#include "snapshots/description.hpp"
#include "snapshots/rollback.hpp"
#include "snapshots_card.hpp"
#include "support/tree_digest.hpp"

namespace {

using namespace mox;
using namespace mox::snapshots;
using namespace mox::test_support;
namespace fs = std::filesystem;

constexpr unsigned seconds_until_it_hangs = 60;

/// A card, and a folder outside of it that nothing on the card may lead to.
class HostileCard : public ::testing::Test {
protected:
    HostileCard() {
        ::alarm(seconds_until_it_hangs);
        write_file(outside() / "etc/version", "TYPE=\"save\"\nDESCRIPTION=\"secret\"\n");
        untouched_ = describe_tree(outside());
    }
    ~HostileCard() override {
        ::alarm(0);
        EXPECT_EQ(describe_tree(outside()), untouched_) << "something outside of the card was changed";
    }

    [[nodiscard]] fs::path outside() const { return card_.outside("outside"); }
    [[nodiscard]] fs::path trap() const { return outside() / "executed"; }

    /// A real snapshot with this info file.
    void add(std::uint32_t number, const std::string& info) {
        add_without_info(number);
        write_file(card_ / info_file_of(Number{number}), info);
    }
    void add_without_info(std::uint32_t number) {
        must(storage::snapshot_subvolume(card_.top().directory(), "@", subvolume_of(Number{number}),
                                         storage::Access::read_only));
    }

    [[nodiscard]] Snapshot found(std::uint32_t number) const {
        return must(find_snapshot(card_.top(), Number{number}));
    }

    /// A snapshot whose info file is of no use, but which can be used, modified, rolled back to and deleted.
    void expect_usable_with_trouble(std::uint32_t number) {
        const auto before = found(number);
        EXPECT_TRUE(before.usable()) << before.damage;
        EXPECT_EQ(before.type, SnapshotType::single);
        EXPECT_NE(before.info_warning, "");
        const auto writer = card_.writer();
        const auto rolled_back = roll_back(writer, Number{number});
        ASSERT_TRUE(rolled_back) << rolled_back.error().describe();
        EXPECT_EQ(card_.version("@"), "now");
        must(delete_snapshot(writer, rolled_back->saved_as.value()));
    }

    void expect_modified_and_deleted(std::uint32_t number) {
        const auto writer = card_.writer();
        const auto modified =
            modify_snapshot(writer, Number{number}, {.type = SnapshotType::pre, .description = "mended"});
        ASSERT_TRUE(modified) << modified.error().describe();
        EXPECT_EQ(modified->description, "mended");
        EXPECT_EQ(modified->info_warning, "");
        must(delete_snapshot(writer, Number{number}));
        EXPECT_FALSE(fs::exists(fs::symlink_status(card_ / info_file_of(Number{number}))));
    }

    SnapshotsCard card_;

private:
    std::string untouched_;
};

TEST_F(HostileCard, ShellCodeInInfoFilesIsText) {
    const auto touch = "touch " + trap().native();
    add(1, "TYPE=\"$(" + touch + ")\"\nDESCRIPTION=\"`" + touch + "`\"\n");
    add(2, touch + "\nTYPE=\"pre\"; " + touch + "\n");
    add(3, "TYPE=pre\nDESCRIPTION='x'; " + touch + "\nCREATED=\"$(" + touch + ")\"\n");
    add(4, "ROLL_TO=$(" + touch + ")\nTYPE=rollback\nls() { " + touch + "; }\nPATH=.\n. ./5.info\n");
    const auto all = must(list_snapshots(card_.top()));
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].description, "`" + touch + "`");
    for (const auto& one : all) EXPECT_NE(one.info_warning, "") << one.number.value;
    EXPECT_EQ(all[3].roll_to, std::nullopt);
    const auto writer = card_.writer();
    for (const auto& one : all)
        must(modify_snapshot(writer, one.number, {.type = SnapshotType::time, .description = {}}));
    // Other programs do let a shell read these files.
    for (const auto& one : all) run({"/bin/sh", "-c", ". \"$0\"", card_ / info_file_of(one.number)});
    EXPECT_FALSE(fs::exists(trap()));
}

TEST_F(HostileCard, HugeBinaryAndMissingInfoFilesSayNothing) {
    add(1, std::string(1 << 20, 'x'));
    std::string every_byte;
    for (int i = 0; i < 4096; ++i) every_byte += static_cast<char>(i);
    add(2, every_byte);
    add(3, "TYPE");
    fs::resize_file(card_ / "3.info", 1ULL << 40);
    add(4, "TYPE=\"something\"\n");
    add(5, "DESCRIPTION=\"never closed\nTYPE=\"\n");
    for (const std::uint32_t number : {1U, 2U, 3U, 4U, 5U}) {
        SCOPED_TRACE(number);
        expect_usable_with_trouble(number);
        expect_modified_and_deleted(number);
    }
    add_without_info(6);
    EXPECT_EQ(found(6).type, SnapshotType::single);
    EXPECT_EQ(found(6).info_warning, "");
    expect_modified_and_deleted(6);
}

TEST_F(HostileCard, InfoFilesThatAreNoFilesAreNeitherFollowedNorWaitedFor) {
    for (const std::uint32_t number : {1U, 2U, 3U, 4U, 5U, 6U}) add_without_info(number);
    fs::create_symlink(outside() / "etc/version", card_ / "1.info");
    fs::create_symlink("2.info", card_ / "2.info");
    fs::create_symlink(outside() / "made-by-mistake", card_ / "3.info");
    ASSERT_EQ(::mkfifo((card_ / "4.info").c_str(), 0644), 0);
    ASSERT_EQ(::mknod((card_ / "5.info").c_str(), S_IFCHR | 0644, ::makedev(1, 5)), 0);
    ASSERT_EQ(::mknod((card_ / "6.info").c_str(), S_IFSOCK | 0644, 0), 0);
    for (const std::uint32_t number : {1U, 2U, 3U, 4U, 5U, 6U}) {
        SCOPED_TRACE(number);
        EXPECT_NE(found(number).description, "secret");
        expect_usable_with_trouble(number);
        expect_modified_and_deleted(number);
    }
}

TEST_F(HostileCard, ADirectoryInPlaceOfAnInfoFileHidesNoSnapshot) {
    add_without_info(1);
    write_file(card_ / "1.info/photo", "beach");
    expect_usable_with_trouble(1);
    const auto modified = modify_snapshot(card_.writer(), Number{1}, {.type = {}, .description = "x"});
    ASSERT_FALSE(modified);
    EXPECT_NE(modified.error().describe().find("1.info"), std::string::npos) << modified.error().describe();
    EXPECT_EQ(read_file(card_ / "1.info/photo"), "beach");
    EXPECT_EQ(card_.numbers(), "1");
}

TEST_F(HostileCard, ADirectoryInPlaceOfTheNextInfoFileStopsNobody) {
    add(1, "TYPE=pre\n");
    write_file(card_ / "2.info/photo", "beach");
    const auto rolled_back = roll_back(card_.writer(), Number{1});
    ASSERT_TRUE(rolled_back) << rolled_back.error().describe();
    EXPECT_EQ(rolled_back->saved_as, Number{3});
    EXPECT_EQ(must(create_snapshot(card_.writer(), SnapshotType::single, "")).number, Number{4});
    EXPECT_EQ(read_file(card_ / "2.info/photo"), "beach");
}

TEST_F(HostileCard, WhatIsNoSubvolumeIsDamagedAndNeverRolledBackTo) {
    fs::create_symlink(outside(), card_ / "@1");
    fs::create_symlink("@factory", card_ / "@2");
    fs::create_symlink("/", card_ / "@3");
    fs::create_symlink("@4", card_ / "@4");
    write_file(card_ / "@5", "a file");
    ASSERT_EQ(::mkfifo((card_ / "@6").c_str(), 0644), 0);
    write_file(card_ / "@7/photo", "beach");
    const auto writer = card_.writer();
    const auto all = must(list_snapshots(card_.top()));
    ASSERT_EQ(all.size(), 7U);
    EXPECT_EQ(one_step_back(all), Target(Factory{}));
    for (const auto& one : all) {
        SCOPED_TRACE(one.number.value);
        EXPECT_FALSE(one.usable());
        const auto rolled_back = roll_back(writer, one.number);
        ASSERT_FALSE(rolled_back);
        EXPECT_EQ(rolled_back.error().kind(), ErrorKind::snapshot);
        const bool is_directory = one.number == Number{7};
        EXPECT_EQ(delete_snapshot(writer, one.number).has_value(), !is_directory);
    }
    EXPECT_EQ(card_.version("@"), "now");
    EXPECT_EQ(card_.version("@factory"), "factory");
    EXPECT_EQ(read_file(card_ / "@7/photo"), "beach");
    EXPECT_EQ(card_.names(), "@ @7 @factory");
    EXPECT_EQ(must(create_snapshot(writer, SnapshotType::single, "")).number, Number{8});
}

TEST_F(HostileCard, WrongNumbersAreNobodysSnapshots) {
    const std::string names[] = {"@0",  "@007", "@-1", "@1x", "@ 2", "@4294967297", "@99999999999999999999",
                                 "@1.5"};
    for (const auto& name : names)
        must(storage::snapshot_subvolume(card_.top().directory(), "@", name, storage::Access::read_only));
    for (const char* name : {"0.info", "007.info", "-1.info", "99999999999999999999.info", ".info"})
        write_file(card_ / name, "TYPE=pre\n");
    EXPECT_EQ(card_.numbers(), "");
    EXPECT_EQ(must(create_snapshot(card_.writer(), SnapshotType::single, "")).number, Number{1});
    for (const auto& name : names) EXPECT_EQ(card_.version(name), "now") << name;
    EXPECT_TRUE(fs::exists(card_ / "007.info"));

    must(storage::snapshot_subvolume(card_.top().directory(), "@", "@999999999", storage::Access::read_only));
    const auto full = create_snapshot(card_.writer(), SnapshotType::single, "");
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind(), ErrorKind::snapshot);
    ASSERT_FALSE(roll_back(card_.writer(), Number{1})) << "there is no number for the old root";
    EXPECT_EQ(card_.version("@"), "now");
}

TEST_F(HostileCard, DescriptionsAreShownEscapedAndStoredClean) {
    const std::string wild = "\x1b]0;owned\x07 \"quoted' \r\b \x7f \x9b[2J \xff";
    add(1, "DESCRIPTION='\x1b]0;owned\x07 \x9b[2J \x7f \xff'\nTYPE=pre\n");
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    const auto shown = escaped_for_display(found(1).description);
    EXPECT_TRUE(std::ranges::none_of(shown, is_control)) << shown;
    EXPECT_EQ(shown.find('\x9b'), std::string::npos);
    EXPECT_NE(shown.find("owned"), std::string::npos);
    const auto made = must(create_snapshot(card_.writer(), SnapshotType::single, wild));
    EXPECT_EQ(made.description, "__0;owned_ _quoted_ __ _ __2J _");
    EXPECT_EQ(must(create_snapshot(card_.writer(), SnapshotType::single, std::string(5000, 'x')))
                  .description.size(),
              1024U);
}

TEST_F(HostileCard, TemporaryNamesThatAreTakenAreAnErrorAndNothingIsFollowed) {
    add(1, "TYPE=single\n");
    const auto outside_version = outside() / "etc/version";
    for (const char* name :
         {"2.info", "2.info.new", "rollback.journal", "rollback.journal.new", "savepoint.info"})
        fs::create_symlink(outside_version, card_ / name);
    must(roll_back(card_.writer(), Number{1}));
    EXPECT_EQ(found(2).roll_to, Target(Number{1}));

    fs::create_symlink(outside(), card_ / "@create.new");
    fs::create_symlink(outside(), card_ / "@rollback.new");
    const auto made = create_snapshot(card_.writer(), SnapshotType::single, "");
    const auto rolled_back = roll_back(card_.writer(), Number{1});
    const auto text_of = [](const auto& result) { return result ? "" : result.error().describe(); };
    EXPECT_TRUE(made || text_of(made).contains("@create.new")) << text_of(made);
    EXPECT_TRUE(rolled_back || text_of(rolled_back).contains("@rollback.new")) << text_of(rolled_back);
    EXPECT_EQ(card_.version("@"), "now");
}

TEST_F(HostileCard, RandomInfoFilesAreReadAndMendedIntoOnesThatAreSafeForAShell) {
    constexpr int files = 300;
    const std::array<std::string, 16> pieces{"TYPE=",  "DESCRIPTION=", "CREATED=", "ROLL_TO=", "\"", "'",
                                             "\\",     "\n",           "$(",       ")",        "`",  "; ",
                                             "single", "touch ",       "\r\n",     "\xff"};
    add_without_info(1);
    std::mt19937 random(20'261'122);
    const auto writer = card_.writer();
    for (int i = 0; i < files; ++i) {
        std::string text;
        for (auto length = random() % 40; length > 0; --length) {
            const auto which = random() % (pieces.size() + 1);
            text += which == pieces.size() ? trap().native() : pieces.at(which);
        }
        SCOPED_TRACE(escaped_for_display(text));
        write_file(card_ / "1.info", text);
        EXPECT_TRUE(found(1).usable());
        EXPECT_FALSE(fs::exists(trap()));
        const auto mended =
            modify_snapshot(writer, Number{1}, {.type = SnapshotType::pre, .description = "x"});
        ASSERT_TRUE(mended) << mended.error().describe();
        EXPECT_EQ(mended->info_warning, "");
        if (i % 10 == 0) run({"/bin/sh", "-c", ". \"$0\"; test \"$TYPE\" = pre", card_ / "1.info"});
    }
    EXPECT_FALSE(fs::exists(trap()));
}

}  // namespace
