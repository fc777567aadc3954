#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "board/button.hpp"
#include "board/led.hpp"
#include "board/watchdog.hpp"
#include "init/supervisor.hpp"

namespace mox::init {

/// Takes away the processes whose parents have died: they become ours, and stay zombies unless we do. A child
/// of our own is left to whoever started it.
class Reaper {
public:
    /// From now on `child` is our own; -1: none is. One at a time.
    void leave_alone(pid_t child) { own_child_ = child; }

    /// Reaps whatever has ended but our own child.
    void reap() const;

    /// Reaps whenever a process ends (SIGCHLD). Never ends by itself.
    [[nodiscard]] boost::asio::awaitable<void> reap_for_ever() const;

private:
    pid_t own_child_ = -1;
};

/// What the supervision works on. The references outlive it.
struct Supervised {
    std::vector<std::string> program;  ///< the rescue program and its arguments; `--heartbeat FD` is added
    std::filesystem::path console;     ///< the program's, without being its controlling terminal
    std::filesystem::path terminal;    ///< where a shell is opened, with job control
    std::vector<std::string> shell{"/bin/sh"};

    // Only for the end, when the program that they belong to has died too often: a press from before then
    // must not count.
    std::function<std::unique_ptr<board::Led>()> find_led;
    std::function<std::unique_ptr<board::Button>()> find_button;

    std::optional<board::Watchdog>& watchdog;  ///< none: nobody resets the board when it hangs
    Reaper& reaper;
    Log& log;
};

/// Starts the rescue program, and starts it again when it dies. The hardware watchdog is fed as long as the
/// program gives signs of life (a byte a second on its `--heartbeat` descriptor): if it hangs, the watchdog
/// resets the board. If it dies too often, the LED shows error 5 until somebody presses the button or leaves
/// the shell that is opened on the terminal. If it ends well, the system is to stay up, and there is the
/// shell.
///
/// Ends when the board is to be rebooted.
[[nodiscard]] boost::asio::awaitable<void> supervise_rescue(Supervised supervised);

}  // namespace mox::init
