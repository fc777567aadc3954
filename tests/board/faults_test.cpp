// What breaks while a router is rescued: the right code on the LED, a sentence on the console that says what
// it is, no hang and no silent shell: a press reboots.

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/loop_image.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;
using led_decoder::Sign;
using virtual_mox::MediumFault;

// LED codes of the manual's second table (docs): 2 no valid medkit, 3 card.
constexpr int medkit_code = 2;
constexpr int card_code = 3;

class Faults : public RescueBoard {
protected:
    /// The mode has failed with `code`, says `reason`, and a press ends it.
    Play fails_with(int code, std::string reason) {
        EXPECT_EQ(co_await error_code(), code);
        EXPECT_TRUE(shown(console(), reason)) << "not said: " << reason;
        EXPECT_TRUE(shown(console(), "The LED shows error " + std::to_string(code)));
        co_await press_reboots();
    }

    /// The stick can be read only at this speed from now on.
    Play slow_down_stick(int bytes_per_second) {
        const auto answer = must(co_await board().execute("query-block", nlohmann::json::object()));
        for (const auto& device : answer) {
            if (!device.contains("inserted") || !device.contains("qdev")) continue;
            const std::string node = device.at("inserted").value("node-name", "");
            if (!node.starts_with("stick")) continue;
            nlohmann::json limit;
            limit["id"] = device.at("qdev");
            for (const char* name : {"bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"})
                limit[name] = 0;
            limit["bps"] = bytes_per_second;
            static_cast<void>(must(co_await board().execute("block_set_io_throttle", std::move(limit))));
            co_return;
        }
        ADD_FAILURE() << "no stick in " << answer.dump();
    }

    void expect_other_system_is_untouched(const std::string& before) {
        const test_support::MountedImage mounted(card, test_support::partition_start, "btrfs");
        EXPECT_EQ(test_support::difference(before, test_support::describe_system(mounted / "@")), "");
    }
};

TEST_F(Faults, NoCardInTheSlot) {
    assemble_in_rescue(forcing(4));
    plug_in_medkit_stick();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await fails_with(card_code, "card");
    });
}

// A mode that fails at once: the LED alone says that it was running, and then the code.
TEST_F(Faults, ASlowBlinkIsNeverCutShortByAFailure) {
    assemble_in_rescue(forcing(4));
    plug_in_medkit_stick();
    act([&]() -> Play {
        virtual_mox::LedWatch watch(board());
        must(co_await board().power_on());
        EXPECT_EQ(must(co_await watch.until(Sign::error_code, mode_patience)).blinks, card_code)
            << watch.seen_text();
        std::vector<Sign> seen;
        for (const auto& reading : watch.seen())
            if (reading.sign != Sign::lit && reading.sign != Sign::dark) seen.push_back(reading.sign);
        EXPECT_EQ(seen, (std::vector{Sign::slow_blinking, Sign::error_code})) << watch.seen_text();
        const auto& edges = board().led_edges();
        for (auto at = edges.begin(); at + 1 < edges.end(); ++at)
            if (edges[at].lit) {
                EXPECT_GE(edges[at + 1].board_time - edges[at].board_time, 150ms) << watch.seen_text();
            }
    });
}

TEST_F(Faults, TheCardIsPulledWhileItIsWritten) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_other_system();
    plug_in_medkit_stick();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("the new system is built beside the old one");
        co_await wait(300ms);
        must(co_await board().pull_card());
        co_await fails_with(card_code, "card");
    });
}

TEST_F(Faults, WritesOfTheCardFailFromTheMiddleOn) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_other_system();
    plug_in_medkit_stick();
    const std::vector writes_fail{MediumFault{.when = MediumFault::When::write, .error_number = EIO}};
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("the new system is built beside the old one");
        must(co_await board().inject_card_faults(writes_fail));
        co_await fails_with(card_code, "card");
    });
}

TEST_F(Faults, TheCardIsWriteProtected) {
    assemble_in_rescue(forcing(4));
    test_support::make_card_with_whole_system(card);
    virtual_mox::Medium protected_card(card);
    protected_card.write_protected = true;
    insert_card(std::move(protected_card));
    plug_in_medkit_stick();
    const auto before = test_support::image_digest(card);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await fails_with(card_code, "is write protected");
    });
    EXPECT_EQ(test_support::image_digest(card), before);
}

TEST_F(Faults, TheStickIsPulledWhileItIsRead) {
    assemble_in_rescue(forcing(4));
    put_in_card_with_other_system();
    plug_in_medkit_stick();
    const auto before = test_support::image_digest(card);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("looking for medkits on USB drive");
        co_await slow_down_stick(2 << 20);
        co_await sees("checking USB drive");
        co_await wait(1s);
        must(co_await board().pull_stick("medkit"));
        co_await fails_with(medkit_code, "mox-medkit-202611220000.tar.gz");
    });
    EXPECT_EQ(test_support::image_digest(card), before);
}

/// The board's device tree without one of its nodes.
class MissingPart : public Faults {
protected:
    void assemble_without(const std::string& node, const std::string& arguments = {}) {
        const auto tree = folder / "board.dtb";
        fs::copy_file(must(virtual_mox::built_file(built, "armada-3720-turris-mox.dtb")), tree);
        test_support::run({"fdtput", "-r", tree.native(), node});
        auto start = rescue_start(arguments);
        start.device_tree = tree;
        assemble_with(std::move(start));
    }
};

TEST_F(MissingPart, NoLedInTheDeviceTree) {
    assemble_without("/leds", forcing(1));
    act([&]() -> Play {
        co_await enter_forced_mode();
        EXPECT_TRUE(shown(console(), "LED"));
        co_await mode_ends_and_board_loses_power(1);
    });
}

TEST_F(MissingPart, NoButtonInTheDeviceTree) {
    assemble_without("/gpio-keys");
    act([&]() -> Play {
        virtual_mox::LedWatch watch(board());
        must(co_await board().power_on());
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1);
        EXPECT_EQ(must(co_await watch.until(Sign::announcement, boot_patience)).blinks, 1);
        EXPECT_TRUE(shown(console(), "button"));
        co_await mode_ends_and_board_loses_power(1);
    });
}

TEST_F(Faults, ADamagedBootEnvironmentIsSaidAndTheButtonsModesWork) {
    assemble();
    must(virtual_mox::damage_environment(board().setup().nor));
    put_in_card_with_demo_system();
    act([&]() -> Play {
        virtual_mox::LedWatch watch(board());
        static_cast<void>(must(co_await virtual_mox::start_rescue_mode(board(), watch, 2)));
        co_await sees("executing mode 2");
        EXPECT_TRUE(shown(console(), "boot environment"));
        co_await mode_ends_and_board_loses_power(2);
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /root/diary"), "before\r\n");
    });
}

}  // namespace
}  // namespace mox::board_test
