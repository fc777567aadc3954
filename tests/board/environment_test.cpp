// The boot environment over a re-flash, with the boot loaders of the field: changed by its owner, so that the
// boot loader sets it back, and never saved, so that it must stay so.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/rescue_run_card.hpp"
#include "virtual_mox/board_files.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;

class Environment : public RescueBoard, public testing::WithParamInterface<std::string> {
protected:
    [[nodiscard]] boot::Variables own_of_boot_loader() const {
        return must(virtual_mox::default_environment(built / boot_loader));
    }

    void check_card() {
        for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
            ADD_FAILURE() << flaw;
    }

    /// The demo's medkit without a signature, for a router that does not trust the demo's key.
    void plug_in_unsigned_medkit() {
        const auto content = folder / "unsigned";
        fs::create_directory(content);
        fs::copy(demo_medkit(), content);
        plug_in_stick_with(content);
    }
};

TEST_P(Environment, ThatItsOwnerHasChangedGoesBackToTheBootLoadersOwn) {
    boot_loader = GetParam();
    assemble_in_rescue(forcing(4), {{"my_variable", "1"}, {"bootdelay", "7"}, {"bootcmd", "run my_own"}});
    put_in_empty_card();
    plug_in_medkit_stick();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(4);
    });
    check_card();
    act([&]() -> Play {
        co_await boots_the_card();
        board().pull_plug();
    });
    const auto defaults = own_of_boot_loader();
    const auto stored = environment();
    EXPECT_FALSE(stored.contains("my_variable"));
    for (const char* name : {"bootdelay", "bootcmd"}) EXPECT_EQ(stored.at(name), defaults.at(name)) << name;
    EXPECT_EQ(stored.at("rescue_keys"), demo_key()) << "is carried over";
}

TEST_P(Environment, ThatWasNeverSavedBringsAReflashThatWasCutOffToItsEndAndStaysUnsaved) {
    boot_loader = GetParam();
    has_saved_environment = false;
    assemble_in_rescue(forcing(4));
    put_in_empty_card();
    plug_in_unsigned_medkit();
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("formatted /dev/");
        board().pull_plug();
        EXPECT_TRUE(environment().contains("mox_rescue_marker"));
        board().set_start(std::nullopt);
        console().skip_to_end();
        must(co_await board().power_on());
        co_await sees("force_mode demands mode 4");
        co_await mode_ends_and_board_loses_power(4);
    });
    check_card();
    EXPECT_FALSE(virtual_mox::read_environment(board().setup().nor)) << "an environment is stored";
    act([&]() -> Play { co_await boots_the_card(); });
}

INSTANTIATE_TEST_SUITE_P(BootLoaders, Environment, testing::ValuesIn(boot_loaders));

}  // namespace
}  // namespace mox::board_test
