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

/// Reaps orphans: processes whose parents have ended become children of process 1, and stay zombies until it
/// reaps them. It does not reap the own child; the code that started it does.
class Reaper {
public:
    /// Sets the own child, which is not reaped; -1: none. One at a time.
    void set_own_child(pid_t child) { own_child_ = child; }

    /// Reaps all processes that have ended except the own child.
    void reap() const;

    /// Calls reap() each time a process ends (SIGCHLD). Never ends by itself.
    [[nodiscard]] boost::asio::awaitable<void> reap_forever() const;

private:
    pid_t own_child_ = -1;
};

/// The parameters of the supervision. The references outlive it.
struct Supervised {
    std::vector<std::string> program;  ///< the rescue program and its arguments; `--heartbeat FD` is added
    std::filesystem::path console;     ///< console of the program, not its controlling terminal
    std::filesystem::path terminal;    ///< terminal of the shell, with job control
    std::vector<std::string> shell{"/bin/sh"};

    // Called only after the program has died too often, because it used LED and button before, and an earlier
    // press must not count.
    std::function<std::unique_ptr<board::Led>()> find_led;
    std::function<std::unique_ptr<board::Button>()> find_button;

    std::optional<board::Watchdog>& watchdog;  ///< nullopt: the board is not reset when it hangs
    Reaper& reaper;
    Log& log;
};

/// Starts the rescue program, and starts it again when it dies. The hardware watchdog is fed as long as the
/// program sends heartbeats (a byte a second on its `--heartbeat` descriptor): if it hangs, the watchdog
/// resets the board. If it dies too often, a shell is opened on the terminal and the LED shows error 5, until
/// the user presses the button or leaves the shell. If it ends with status 0, the system stays up and the
/// shell is opened.
///
/// Ends when the board is to be rebooted.
[[nodiscard]] boost::asio::awaitable<void> supervise_rescue(Supervised supervised);

}  // namespace mox::init
