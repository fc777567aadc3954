#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "support/temporary_directory.hpp"
#include "virtual_mox/board_files.hpp"
#include "virtual_mox/machine.hpp"

namespace mox::board_test {

namespace asio = boost::asio;

/// A step of a play: what a coroutine of a test returns.
using Play = asio::awaitable<void>;

/// Runs a play on a board of its own, to its end; then the board's plug is pulled. What the play throws (a
/// failed `must`, say) fails the test. A play is a function, or a lambda that lives as long as this call.
template <typename Function>
void run(const virtual_mox::MachineSetup& setup, const Function& play) {
    asio::io_context loop{1};
    virtual_mox::Machine board(setup);  // after the loop: its sockets belong to it
    asio::co_spawn(loop, play(board), [&loop](const std::exception_ptr& thrown) {
        loop.stop();
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
}

/// The value of something that must not have failed; else the play ends with what it says.
/// `const auto reading = must(co_await watch.until(...))`.
template <typename T>
T must(Expected<T> result) {
    if (!result) throw std::runtime_error(result.error().describe());
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline Play wait(Clock::duration length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Where `make artefacts` puts what it builds.
inline const std::filesystem::path built = MOX_BUILT_FOLDER;

/// Where the tested rescue image is: image.fit.lzma, and its parts for a start without a boot loader (Image,
/// initramfs.cpio, armada-3720-turris-mox.dtb). MOX_IMAGE_FOLDER=FOLDER tests another one.
inline std::filesystem::path image_folder() {
    const auto* other = std::getenv("MOX_IMAGE_FOLDER");
    return other != nullptr ? std::filesystem::path(other) : built;
}

/// The boot loaders of the field that the tests have: 2023.01, and a stand-in for 2018.11
/// (image/build-mox-loaders).
inline const std::vector<std::string> boot_loaders{"mox-loader.bin", "mox-loader-2018.bin"};

}  // namespace mox::board_test
