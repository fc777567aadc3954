#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "boot/mode.hpp"

namespace mox::cli {

/// `mox-rescue`: as on the device, with LED and button.
struct RescueSession {
    bool dont_reboot = false;
    std::optional<int> heartbeat;  ///< descriptor on which the supervision wants signs of life
};

/// `mox-rescue run MODE`: one mode, from a shell.
struct RunMode {
    boot::Mode mode = boot::Mode::reboot;
    bool dry_run = false;
    bool confirmed = false;  ///< --yes
    bool json = false;
    std::optional<std::filesystem::path> card;
    std::vector<std::filesystem::path> drives;
    std::optional<std::string> variant;
};

/// `mox-rescue mount`: the card's system, to repair it by hand.
struct MountCard {
    std::filesystem::path folder = "/mnt/card";
    std::optional<std::filesystem::path> card;
};

/// `mox-rescue nor-update FILE`: a new rescue system into the flash.
struct NorUpdate {
    std::filesystem::path file;
};

/// The command line of mox-rescue.
struct RescueOptions {
    std::variant<RescueSession, RunMode, MountCard, NorUpdate> action;
    std::filesystem::path keys;
    std::optional<std::filesystem::path> boot_environment;  ///< configuration of libubootenv
    bool signature_required = false;
    std::optional<std::string> port = {};  ///< network interface of modes 5 and 6, instead of the board's
};

/// Exit status for a command line that cannot be understood (sysexits.h, EX_USAGE).
inline constexpr int exit_usage = 64;

/// Whether a call without a subcommand may announce modes and reboot. Process 1 of the rescue system may; a
/// person in the rescue system of a known board may, too. On a PC, and on a router whose own system runs, it
/// would be an accident. Pure.
[[nodiscard]] bool may_start_selection(const RescueSession& session, bool is_known_board,
                                       bool is_rescue_system);

/// What the command line asks for, or the exit status when there is nothing left to do (--help,
/// --version, a mistake); whatever was to be said has been printed then.
[[nodiscard]] std::variant<RescueOptions, int> read_options(int argc, const char* const* argv);

}  // namespace mox::cli
