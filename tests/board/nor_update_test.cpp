// nor_update: the rescue image that comes with a medkit is written into the NOR, and what happens when it
// must not be, or when the power goes meanwhile.

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "board/demo_card.hpp"
#include "board/rescue_board.hpp"
#include "support/loop_image.hpp"
#include "support/medkit_factory.hpp"
#include "support/rescue_run_card.hpp"
#include "support/rescue_run_disk.hpp"

namespace mox::board_test {
namespace {

namespace fs = std::filesystem;

class NorUpdate : public RescueBoard {
protected:
    void SetUp() override {
        // Another image, which boots like the shipped one: the boot loader does not read behind the end of
        // the LZMA stream.
        newer_image = shipped_image() + noise(64 << 10);
        assemble_in_rescue("force_mode=4 nor_update");
        put_in_card_with_other_system();
    }

    /// A stick with the demo's medkit and the newer image as its companion, signed with `secret_key`.
    void plug_in_stick_with_companion(const fs::path& secret_key) {
        const auto content = folder / "content";
        fs::copy(demo_medkit().parent_path(), content);
        auto name = demo_medkit().filename().native();
        name.resize(name.size() - std::string_view(".tar.gz").size());
        const auto companion = content / (name + "-rescue.fit.lzma");
        test_support::write_file(companion, newer_image);
        test_support::run({"signify-openbsd", "-S", "-s", secret_key.native(), "-m", companion.native(), "-x",
                           companion.native() + ".sig"});
        plug_in_stick_with(content);
    }

    static std::string noise(std::size_t size) {
        std::mt19937_64 random(4);
        std::string bytes(size, '\0');
        for (auto& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }

    [[nodiscard]] bool flash_holds(const std::string& image) const {
        return rescue_partition(image.size()) == image;
    }

    [[nodiscard]] bool head_is_erased() const { return rescue_partition(1) == "\xff"; }

    static std::string shipped_image() {
        return test_support::read_file(must(virtual_mox::built_file(image_folder(), "image.fit.lzma")));
    }

    std::string newer_image;
};

TEST_F(NorUpdate, ASignedImageBesideTheMedkitIsWrittenAndStartsByTheButton) {
    plug_in_stick_with_companion(demo_secret_key());
    ASSERT_FALSE(flash_holds(newer_image));
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("the rescue system in the flash is written and read back", mode_patience);
        co_await mode_ends_and_board_loses_power(4);
    });
    EXPECT_TRUE(flash_holds(newer_image));
    for (const auto& flaw : test_support::flaws_of_flashed_card(card, demo_description(folder.path())))
        ADD_FAILURE() << flaw;
    act([&]() -> Play {
        console().skip_to_end();
        board().set_start(std::nullopt);
        static_cast<void>(must(co_await virtual_mox::enter_rescue(board())));
        co_await sees("selecting a mode");
    });
}

TEST_F(NorUpdate, AnImageOfSomebodyElseStopsEverythingBeforeAnythingIsWritten) {
    plug_in_stick_with_companion(test_support::make_signing_key(folder.path(), "somebody").secret_key);
    const auto card_before = test_support::image_digest(card);
    act([&]() -> Play {
        co_await enter_forced_mode();
        EXPECT_EQ(co_await error_code(), 2);
        EXPECT_TRUE(shown(console(), "-rescue.fit.lzma"));
        board().pull_plug();
    });
    EXPECT_EQ(test_support::image_digest(card), card_before);
    EXPECT_TRUE(flash_holds(shipped_image()));
}

TEST_F(NorUpdate, AWriteThatIsCutOffLeavesABoardThatBootsItsNewSystem) {
    // Other bytes in every block, so that it takes a while. Only its head is like that of an image.
    newer_image = shipped_image().substr(0, 64) + noise(6 << 20);
    plug_in_stick_with_companion(demo_secret_key());
    act([&]() -> Play {
        co_await enter_forced_mode();
        co_await sees("writing the rescue system into the flash: ", mode_patience);
        // QEMU's flash takes 6 MB in half a second. The head of the image is erased first and written last.
        const auto patience = Clock::now() + mode_patience;
        while (!head_is_erased() && Clock::now() < patience) co_await wait(1ms);
        board().pull_plug();
        EXPECT_FALSE(flash_holds(newer_image)) << "cut off too late";
        EXPECT_FALSE(flash_holds(shipped_image())) << "cut off too early";
        co_await boots_the_card();
        co_await logs_in();
        EXPECT_EQ(co_await says("cat /etc/turris-version"), std::string(new_version) + "\r\n");
    });
}

}  // namespace
}  // namespace mox::board_test
