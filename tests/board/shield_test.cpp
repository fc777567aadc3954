// The Turris Shield: a MOX under a contract. Its selection begins with mode 3, it takes the medkits of its
// contract, and a long press on the running router is a factory reset.

#include <gtest/gtest.h>

#include "board/demo_card.hpp"
#include "board/running_router.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;

const boot::Variables shield{{"contract", "turris_lists=contracts/shield"}, {"rescue_mode", "2"}};

class Shield : public RunningRouter {};

// The owner holds the button at power-on and does nothing else; later a long press does the same again.
TEST_F(Shield, GoesBackToTheFactorySnapshotByTheButtonAlone) {
    assemble(shield);
    put_in_card_with_demo_system();
    act([&]() -> Play {
        static_cast<void>(must(co_await virtual_mox::enter_rescue(board())));
        co_await sees("selecting a mode, mode 3");
        co_await sees("executing mode 3");
        co_await sees("is done; rebooting", mode_patience);
        co_await runs_again();
        EXPECT_EQ(co_await says("cat /etc/turris-version; ls /root"), std::string(new_version) + "\r\n");
        EXPECT_EQ(co_await says("fw_printenv -n contract rescue_mode"),
                  "turris_lists=contracts/shield\r\n2\r\n");

        static_cast<void>(co_await says("echo changed >/root/diary; sync"));
        co_await configure("long_press = factory-reset\\n");
        const auto since = board().events().end();
        must(co_await board().press_for(5s));
        co_await sees("event=factory-reset");
        static_cast<void>(must(co_await board().event("RESET", since, mode_patience)));
        co_await runs_again();
        EXPECT_EQ(co_await says("ls /root"), "") << "not the factory state";
        EXPECT_NE((co_await says("schnapps list")).find("rollback"), std::string::npos);
    });
}

TEST_F(Shield, TakesTheMedkitOfItsContract) {
    assemble_in_rescue(forcing(4), shield);
    put_in_card_with_other_system();
    const auto content = folder / "content";
    fs::create_directory(content);
    const auto add_medkit = [&](const std::string& name, const std::string& version, std::uint64_t seed) {
        const auto tree = folder / version;
        test_support::make_system_tree(tree, version, seed);
        test_support::pack_with_tar(tree, content / name);
        test_support::run({"signify-openbsd", "-S", "-s", demo_secret_key().native(), "-m",
                           (content / name).native(), "-x", (content / name).native() + ".sig"});
    };
    add_medkit("mox-medkit-latest.tar.gz", "7.0", 6);
    add_medkit("mox-medkit-contract-shield-latest.tar.gz", "6.0", 7);
    plug_in_stick_with(content);
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await mode_ends_and_board_loses_power(4);
    });
    const test_support::MountedImage mounted(card, test_support::partition_start, "btrfs");
    EXPECT_EQ(test_support::read_file(mounted / "@/etc/turris-version"), "6.0\n");
    EXPECT_EQ(environment().at("contract"), shield.at("contract"));
}

}  // namespace
}  // namespace mox::board_test
