// Modes 2, 3 and 4 on the virtual MOX, each to the login of the system that it leaves, looked at from outside
// (the card's image) and from inside (the console).

#include <gtest/gtest.h>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;
using disk_images::StickFilesystem;
using test_support::MountedImage;
using test_support::partition_start;
using test_support::read_file;

/// A card whose system does not boot any more: the kernel is gone.
class Rollback : public RescueBoard {
protected:
    void put_in_broken_card() {
        make_demo_card(card);
        {
            const MountedImage mounted(card, partition_start, "btrfs");
            fs::remove(mounted / "@/boot/Image");
        }
        insert_card();
    }

    /// Executes a mode, and leaves the board with the login of what it has brought back.
    void roll_back(int mode) {
        assemble_in_rescue(forcing(mode));
        put_in_broken_card();
        act([&]() -> Play {
            co_await enter_forced_mode();
            co_await mode_ends_and_board_loses_power(mode);
        });
    }
};

TEST_F(Rollback, ModeTwoBringsTheLatestSnapshotBackAndKeepsTheBrokenSystem) {
    roll_back(2);
    {
        const MountedImage mounted(card, partition_start, "btrfs");
        EXPECT_EQ(read_file(mounted / "@" / std::string(diary)), "before\n");
        EXPECT_EQ(read_file(mounted / "@2" / std::string(diary)), "after\n");
        EXPECT_NE(read_file(mounted / "2.info").find("TYPE=\"rollback\""), std::string::npos);
    }
    act([&]() -> Play {
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version /root/diary"),
                  std::string(old_version) + "\r\nbefore\r\n");
        const auto list = co_await says("schnapps list");
        EXPECT_NE(list.find("2 | rollback"), std::string::npos) << list;
    });
}

TEST_F(Rollback, ModeThreeBringsTheFactorySystemBackAndKeepsTheBrokenSystem) {
    roll_back(3);
    {
        const MountedImage mounted(card, partition_start, "btrfs");
        EXPECT_EQ(read_file(mounted / "@/etc/turris-version"), std::string(new_version) + "\n");
        EXPECT_FALSE(fs::exists(mounted / "@" / std::string(diary)));
        EXPECT_EQ(read_file(mounted / "@2" / std::string(diary)), "after\n");
    }
    act([&]() -> Play {
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version; ls /root"), std::string(new_version) + "\r\n");
    });
}

/// Mode 4, which must always leave the same: the medkit's system and nothing else.
class Reflash : public RescueBoard {
protected:
    void check_card() {
        for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
            ADD_FAILURE() << flaw;
    }

    Play new_system_boots() {
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(new_version) + "\r\n");
        const auto list = co_await says("schnapps list -j");
        EXPECT_NE(list.find("\"snapshots\""), std::string::npos) << list;
    }
};

TEST_F(Reflash, AnEmptyCardFromExt4) {
    assemble_in_rescue(forcing(4));
    put_in_empty_card();
    plug_in_medkit_stick(StickFilesystem::ext4);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(4);
    });
    for (const auto& flaw : test_support::flaws_of_partition_table(card)) ADD_FAILURE() << flaw;
    check_card();
    EXPECT_TRUE(environment().at("boot_targets").starts_with("mmc0")) << environment().at("boot_targets");
    EXPECT_FALSE(environment().contains("force_mode"));
    act([&]() -> Play { co_await new_system_boots(); });
}

TEST_F(Reflash, FromBtrfs) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_other_system();
    plug_in_medkit_stick(StickFilesystem::btrfs);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(4);
    });
    check_card();
    act([&]() -> Play { co_await new_system_boots(); });
}

TEST_F(Reflash, FromAnExfatStickThatIsPluggedInWhenTheModeRunsAlready) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_other_system();
    auto stick = medkit_stick(StickFilesystem::exfat);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await wait(2s);
        must(co_await board().insert_stick("medkit", std::move(stick)));
        co_await mode_ends_and_board_loses_power(4);
    });
    check_card();
    act([&]() -> Play { co_await new_system_boots(); });
}

TEST_F(Reflash, FromTheCardItself) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_demo_system();
    {
        // The root directory of the card, as seen by its running system.
        const MountedImage mounted(card, partition_start, "btrfs");
        const auto folder_of_medkit = demo_medkit().parent_path();
        for (const auto& file : fs::directory_iterator(folder_of_medkit))
            fs::copy_file(file.path(), mounted / "@" / file.path().filename().native());
    }
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(4);
    });
    check_card();
    act([&]() -> Play { co_await new_system_boots(); });
}

}  // namespace
}  // namespace mox::board_test
