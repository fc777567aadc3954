#include "virtual_mox/run_board.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <system_error>

#include "disk_images/installed_card.hpp"
#include "disk_images/stick.hpp"
#include "virtual_mox/board_files.hpp"
#include "virtual_mox/demo_media.hpp"
#include "virtual_mox/machine.hpp"
#include "virtual_mox/terminal_session.hpp"

namespace mox::virtual_mox {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr auto stick_name = "stick";

Expected<fs::path> card_for(const RunOptions& options) {
    if (options.card) return *options.card;
    auto image = options.folder / "card.img";
    std::error_code failed;
    if (fs::exists(image, failed)) return image;
    const auto medkit = find_demo_medkit(options.built);
    if (!medkit) return std::unexpected(medkit.error());
    std::cout << "Making " << image.native() << " with the demo system\n";
    if (auto made = disk_images::copy_installed_card(image, medkit->archive, options.built / "cards"); !made)
        return pass_on(made);
    return image;
}

Expected<fs::path> stick_for(const RunOptions& options) {
    if (options.stick) return *options.stick;
    auto image = options.folder / "stick.img";
    std::error_code failed;
    if (fs::exists(image, failed)) return image;
    const auto medkit = find_demo_medkit(options.built);
    if (!medkit) return std::unexpected(medkit.error());
    std::cout << "Making " << image.native() << " with the demo's medkit\n";
    if (auto made = disk_images::make_stick(image, disk_images::StickFilesystem::fat32, medkit->folder);
        !made)
        return pass_on(made);
    return image;
}

/// The NOR image is kept between runs, as in a router.
Expected<MachineSetup> setup_for(const RunOptions& options) {
    auto setup = prepare_demo_board(options.folder, options.built, options.boot_loader);
    if (setup) setup->network = UserNetwork{options.network};
    return setup;
}

Machine::Result play(Machine& machine, const RunOptions& options, AvailableMedia media) {
    if (options.card_is_in)
        if (auto card = co_await machine.insert_card(*media.card); !card) co_return card;
    if (options.stick_is_in)
        if (auto stick = co_await machine.insert_stick(stick_name, *media.stick); !stick) co_return stick;
    if (options.button == ButtonAtStart::held)
        if (auto held = co_await machine.press(); !held) co_return held;
    if (auto on = co_await machine.power_on(); !on) co_return on;
    co_return co_await use_board(machine, std::move(media));
}

}  // namespace

Expected<void> run_board(const RunOptions& options) {
    const auto setup = setup_for(options);
    if (!setup) return std::unexpected(setup.error());
    auto card = card_for(options);
    if (!card) return pass_on(card);
    auto stick = stick_for(options);
    if (!stick) return pass_on(stick);

    asio::io_context loop{1};
    Machine machine(*setup);  // after the loop, which owns its sockets
    Expected<void> played;
    AvailableMedia media{.card = Medium(*card), .stick = Medium(*stick)};
    asio::co_spawn(loop, play(machine, options, std::move(media)),
                   [&](const std::exception_ptr& thrown, Expected<void> result) {
                       loop.stop();
                       if (thrown) std::rethrow_exception(thrown);
                       played = std::move(result);
                   });
    loop.run();
    return played;
}

}  // namespace mox::virtual_mox
