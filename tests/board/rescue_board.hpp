#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "board/play.hpp"
#include "boot/environment.hpp"
#include "disk_images/stick.hpp"
#include "support/rescue_run_loop.hpp"
#include "virtual_mox/led_watch.hpp"
#include "virtual_mox/machine.hpp"
#include "virtual_mox/user_at_board.hpp"

namespace mox::board_test {

using namespace std::chrono_literals;

/// These only end a test that hangs: ten times and more of what an idle computer needs.
inline constexpr auto boot_patience = 600s;
inline constexpr auto mode_patience = 600s;

/// Forces a mode by the kernel's command line, where the selection is not the point.
[[nodiscard]] std::string forcing(int mode);

/// A virtual MOX with the shipped rescue image in its NOR, which trusts the demo's key, and a person who
/// plays with it. A test that fails shows the end of the serial console and what the LED did.
class RescueBoard : public testing::Test {
protected:
    void TearDown() override;

    /// Makes the board, which starts with the boot loader in its NOR. `changes` to the boot loader's
    /// environment; an empty value removes a variable.
    void assemble(const boot::Variables& changes = {});
    /// Makes a board that starts with the rescue system, as a boot loader leaves it: for all that is not
    /// about the boot loader. `arguments` are added to the kernel's command line, `changes` as above.
    void assemble_in_rescue(const std::string& arguments = {}, const boot::Variables& changes = {});
    /// What assemble_in_rescue() starts, to be changed by the test.
    [[nodiscard]] static virtual_mox::DirectStart rescue_start(const std::string& arguments = {});
    /// Makes a board that starts with `start`.
    void assemble_with(virtual_mox::DirectStart start);
    /// Makes a board that starts with the demo system of the card, as a boot loader leaves it.
    void assemble_in_system();
    [[nodiscard]] virtual_mox::Machine& board() { return *machine_; }
    [[nodiscard]] virtual_mox::Console& console() { return machine_->console(); }

    /// A card that boots the demo system (see demo_card.hpp), or has the whole, but not bootable, system of
    /// the tests of mode 4 on it, or nothing. Put into the slot.
    void put_in_card_with_demo_system();
    void put_in_card_with_other_system();
    void put_in_empty_card();
    /// The image `card`, as it is.
    void insert_card() { insert_card(virtual_mox::Medium(card)); }
    void insert_card(virtual_mox::Medium medium);
    /// What the demo's medkit is signed with. No link, because signify follows none to a secret key.
    [[nodiscard]] static std::filesystem::path demo_secret_key();
    /// A stick with the demo's medkit, its signature and checksum. Not plugged in.
    [[nodiscard]] virtual_mox::Medium medkit_stick(disk_images::StickFilesystem filesystem);
    /// Plugs one in, called "medkit": with the demo's medkit, or with all files of a folder.
    void plug_in_stick_with(const std::filesystem::path& content);
    void plug_in_medkit_stick(disk_images::StickFilesystem filesystem = disk_images::StickFilesystem::ext4);

    /// Runs a coroutine lambda to its end, as `run` does; the board keeps its power.
    template <typename Script>
    void act(Script script) {
        loop_.restart();
        asio::co_spawn(loop_, script(), [this](const std::exception_ptr& thrown) {
            loop_.stop();
            if (thrown) std::rethrow_exception(thrown);
        });
        loop_.run();
    }

    // What can be seen and done, each until it is so. What does not happen in time ends the play.

    /// Power, and the button held where there is a boot loader: returns when the rescue system has said what
    /// it executes.
    Play enter_forced_mode();
    Play sees(std::string text, Clock::duration patience = boot_patience);
    /// The mode ends well, and the board is reset by it, for the first time since power-on: the plug is
    /// pulled at once, before the boot loader has started anything, so that the card can be examined. To be
    /// called while the mode runs. Returns when the mode said that it is done.
    asio::awaitable<Clock::time_point> mode_ends_and_board_loses_power(int mode);
    /// With the boot loader, without the button: to the login of the card's system.
    Play boots_the_card();
    /// From the login prompt to the shell's.
    Play logs_in();
    /// What a command of the installed system says.
    asio::awaitable<std::string> says(std::string command);
    /// The rescue system has failed: the error code that the LED shows between two pauses.
    asio::awaitable<int> error_code(Clock::duration patience = mode_patience);
    /// A press at the error code: the board is reset.
    Play press_reboots();

    /// The environment in the NOR. The board has no power.
    [[nodiscard]] boot::Variables environment() const;
    void change_environment(const boot::Variables& changes);
    /// The first `size` bytes of the NOR's rescue partition.
    [[nodiscard]] std::string rescue_partition(std::size_t size) const;

    /// The boot loader in the NOR, one of `boot_loaders`. Set before `assemble...`.
    std::string boot_loader = boot_loaders.front();
    /// A board whose owner has never saved an environment has none in its NOR: the boot loader's own is in
    /// force. Set before `assemble...`; there are no `changes` then, and no demo key.
    bool has_saved_environment = true;

    /// For a board without a boot loader: exact times on a busy host too, and a slower board
    /// (DirectStart::exact_time). Set before `assemble_in...`.
    bool exact_time = false;

    /// What the board's cable leads to; set before `assemble`.
    std::variant<virtual_mox::UserNetwork, virtual_mox::TapNetwork> network{};

    test_support::RamFolder folder;
    const std::filesystem::path card = folder / "card.img";

private:
    void start_with(virtual_mox::DirectStart start);

    asio::io_context loop_{1};
    std::optional<virtual_mox::Machine> machine_;  // after the loop: its sockets belong to it
};

/// `text` is somewhere in what the console has shown.
[[nodiscard]] bool shown(virtual_mox::Console& console, std::string_view text);

}  // namespace mox::board_test
