#include "virtual_mox/scenario.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/spawn.hpp"
#include "base/text.hpp"
#include "board/description.hpp"
#include "disk_images/card_check.hpp"
#include "disk_images/image_file.hpp"
#include "disk_images/old_system.hpp"
#include "disk_images/stick.hpp"
#include "storage/loop_device.hpp"
#include "virtual_mox/board_files.hpp"
#include "virtual_mox/board_show.hpp"
#include "virtual_mox/demo_media.hpp"
#include "virtual_mox/machine.hpp"
#include "virtual_mox/terminal_session.hpp"
#include "virtual_mox/user_at_board.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr auto boot_timeout = 10min;  // twenty times the time on an idle computer
constexpr auto flash_timeout = 15min;

/// The media at the start of the scenario.
struct Fixtures {
    MachineSetup setup;
    DemoMedkit medkit;
    disk_images::OldSystem old;
    fs::path card;
    fs::path stick;
    medkit::Sha256Digest stick_digest{};
};

/// The course of the scenario.
struct Trace {
    std::vector<int> announcements;
    std::optional<Clock::duration> kernel, first_announcement, rebooted, login;  ///< since power-on
    std::string version;  ///< as the new system prints it
};

std::string took(Clock::time_point since) {
    return " (" + to_text(Clock::now() - since) + ")";
}

Expected<Fixtures> set_up(const ScenarioOptions& options, console::Console& console) {
    auto medkit = find_demo_medkit(options.built);
    if (!medkit) return pass_on(medkit);
    auto setup = prepare_demo_board(options.folder, options.built, options.boot_loader);
    if (!setup) return pass_on(setup);
    console.print("Board:  Turris MOX in QEMU, 512 MB; boot loader, environment and rescue image in its NOR");

    Fixtures props{.setup = std::move(*setup),
                   .medkit = std::move(*medkit),
                   .old = {},
                   .card = options.folder / "card.img",
                   .stick = options.folder / "stick.img"};
    auto start = Clock::now();
    auto old = disk_images::make_old_card(props.card);
    if (!old) return pass_on(old);
    props.old = std::move(*old);
    console.print("Card:   " + props.card.string() + ", btrfs with system " + props.old.version +
                  " (which does not start), a user's data and snapshots" + took(start));
    start = Clock::now();
    if (auto made =
            disk_images::make_stick(props.stick, disk_images::StickFilesystem::fat32, props.medkit.folder);
        !made)
        return pass_on(made);
    const auto digest = disk_images::digest_of_image(props.stick);
    if (!digest) return std::unexpected(digest.error());
    props.stick_digest = *digest;
    console.print("Stick:  " + props.stick.string() + ", FAT32, with " +
                  props.medkit.archive.filename().string() + ", " + to_text(props.medkit.content.packed) +
                  ", version " + props.medkit.content.version + took(start));
    return props;
}

/// The board during the scenario.
class Stage {
public:
    Stage(const ScenarioOptions& options, const Fixtures& props, console::Console& console)
        : options_(options),
          props_(props),
          console_(console),
          machine_(props.setup),
          show_(loop_.get_executor(), machine_, console, led_decoder::UserModel{}),
          signals_(loop_, SIGINT, SIGTERM, SIGHUP) {}

    Expected<ScenarioResult> run(Trace& course) {
        std::optional<Expected<void>> played;
        signals_.async_wait([this](const boost::system::error_code& failed, int) {
            if (!failed) loop_.stop();
        });
        show_.set_error_listener([this] { loop_.stop(); });
        asio::co_spawn(loop_, play(course), [&](const std::exception_ptr& thrown, Expected<void> result) {
            loop_.stop();
            if (thrown) std::rethrow_exception(thrown);
            played = std::move(result);
        });
        loop_.run();
        console_.unpin();
        course.announcements = show_.announcements();
        machine_.pull_plug();
        if (show_.error_code()) return ScenarioResult::something_wrong;
        if (!played) return ScenarioResult::interrupted;
        if (!*played) return std::unexpected(played->error());
        return ScenarioResult::as_expected;
    }

private:
    using Result = asio::awaitable<Expected<void>>;

    [[nodiscard]] Clock::duration since_power_on(Clock::time_point at) const {
        return at - machine_.powered_on_at();
    }

    Result play(Trace& course) {
        if (auto card = co_await machine_.insert_card(Medium(props_.card)); !card) co_return card;
        if (auto stick = co_await machine_.insert_stick("medkit", Medium(props_.stick)); !stick)
            co_return stick;
        show_.begin();
        async::spawn(loop_.get_executor(), [this, &course] { return note_kernel_start(course); });
        const auto since = machine_.events().end();
        if (auto entered = co_await enter_rescue(machine_); !entered) co_return pass_on(entered);

        const auto reboot = co_await machine_.event("RESET", since, flash_timeout);
        if (!reboot) co_return std::unexpected(reboot.error());
        show_.normal_boot_begins();
        course.rebooted = since_power_on(reboot->at);
        if (const auto first = show_.first_announcement()) course.first_announcement = since_power_on(*first);
        console_.print("The router reboots by itself.");

        machine_.console().skip_to_end();
        const auto login = co_await machine_.console().expect("mox login:", boot_timeout);
        if (!login) co_return std::unexpected(login.error());
        course.login = since_power_on(login->at);
        if (auto asked = co_await ask_new_system(course); !asked) co_return asked;
        if (options_.console == ConsoleAfterwards::no) co_return co_await switch_off();
        show_.stop();
        co_return co_await use_board(machine_, {.card = Medium(props_.card), .stick = Medium(props_.stick)});
    }

    asio::awaitable<void> note_kernel_start(Trace& course) {
        auto& console = machine_.console();
        constexpr std::string_view marker = "Starting kernel";
        while (console.text().find(marker) == std::string_view::npos)
            co_await console.reaches(console.end(), Clock::time_point::max());
        course.kernel = since_power_on(Clock::now());
    }

    Result ask_new_system(Trace& course) {
        auto& console = machine_.console();
        if (auto typed = console.type("root\r"); !typed) co_return typed;
        if (auto prompt = co_await console.expect("# ", boot_timeout); !prompt) co_return pass_on(prompt);
        if (auto typed = console.type("echo version: $(cat /etc/turris-version)\r"); !typed) co_return typed;
        if (auto echoed = co_await console.expect("\nversion: ", boot_timeout); !echoed)
            co_return pass_on(echoed);
        auto answer = co_await console.expect("\r", boot_timeout);
        if (!answer) co_return pass_on(answer);
        course.version = answer->before;
        co_return Expected<void>();
    }

    Result switch_off() {
        if (auto typed = machine_.console().type("poweroff\r"); !typed) co_return typed;
        co_return co_await machine_.powers_off(boot_timeout);
    }

    const ScenarioOptions& options_;
    const Fixtures& props_;
    console::Console& console_;
    asio::io_context loop_{1};
    Machine machine_;  // after the loop, which owns its sockets
    BoardShow show_;
    asio::signal_set signals_;
};

std::string listed(const std::vector<int>& numbers) {
    return joined(numbers, ", ", [](int number) { return std::to_string(number); });
}

Expected<std::vector<disk_images::Check>> check(const Fixtures& props, const Trace& course) {
    const std::vector<int> of_the_manual{1, 2, 3, 3, 4, 4};
    std::vector<disk_images::Check> checks{
        {"announced modes, read from the LED", listed(course.announcements),
         course.announcements == of_the_manual},
        {"the new system says", "version " + course.version, course.version == props.medkit.content.version}};

    auto board = board::turris_mox();
    board.installed_root_device = "/dev/mmcblk0p1";
    auto loop = storage::LoopDevice::attach(props.card);
    if (!loop) return pass_on(loop);
    const storage::Drive drive{.node = loop->node(),
                               .role = storage::DriveRole::card,
                               .model = "image",
                               .size = disk_images::card_size};
    auto on_card = disk_images::check_card(
        drive, {.board = board, .old = props.old, .medkit = props.medkit.content, .booted_since = true});
    if (!on_card) return pass_on(on_card);
    checks.insert(checks.end(), on_card->begin(), on_card->end());

    const auto digest = disk_images::digest_of_image(props.stick);
    if (!digest) return std::unexpected(digest.error());
    const bool same = *digest == props.stick_digest;
    checks.push_back({"stick", same ? "bit for bit as before (SHA-256)" : "was changed", same});
    return checks;
}

void tell_times(const Trace& course, console::Console& console) {
    using Moment = std::pair<std::string_view, std::optional<Clock::duration>>;
    const std::array moments{Moment{"kernel of the rescue system", course.kernel},
                             Moment{"first announcement", course.first_announcement},
                             Moment{"re-flashed, reboot", course.rebooted},
                             Moment{"login of the new system", course.login}};
    console.print("Seconds after power-on:");
    for (const auto& [what, when] : moments)
        if (when) console.print("  " + to_text(std::chrono::nanoseconds(*when)) + "  " + std::string(what));
}

}  // namespace

Expected<ScenarioResult> play_sample_scenario(const ScenarioOptions& options, console::Console& console) {
    console.print(
        "A virtual MOX plays the sample scenario of the user manual: the real boot loader, kernel and");
    console.print("rescue image, with an emulated button and LED.");
    const auto props = set_up(options, console);
    if (!props) return std::unexpected(props.error());
    console.print("");
    Trace course;
    auto result = Stage(options, *props, console).run(course);
    if (!result || *result == ScenarioResult::interrupted) return result;
    if (*result == ScenarioResult::something_wrong) {
        console.print("The rescue system shows an error: see the console above.");
        return result;
    }
    const auto checks = check(*props, course);
    if (!checks) return std::unexpected(checks.error());
    console.print("");
    console.print("What is on the card now, looked at from outside:");
    for (const auto& line : *checks) console.print(disk_images::to_line(line));
    console.print("");
    tell_times(course, console);
    return std::ranges::all_of(*checks, &disk_images::Check::ok) ? result : ScenarioResult::something_wrong;
}

}  // namespace mox::virtual_mox
