#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "boot/mode.hpp"
#include "cli/command_table.hpp"

namespace mox::cli {

/// `mox-rescue`: the rescue on the device, with LED and button.
struct RescueSession {
    bool dont_reboot = false;
    std::optional<int> heartbeat;  ///< descriptor for the heartbeats to process 1
};

/// `mox-rescue run MODE`: one mode, from a shell.
struct RunMode {
    boot::Mode mode = boot::Mode::reboot;
    bool dry_run = false;
    bool confirmed = false;  ///< --yes
    bool json = false;
    std::optional<std::filesystem::path> card;
    std::vector<std::filesystem::path> drives;
    std::vector<std::filesystem::path> medkits;  ///< files and directories; mode 4 only
    std::optional<std::string> variant;
    std::optional<std::filesystem::path> board;  ///< board file of the router that the card is for; on a PC
};

/// `mox-rescue mount`: mounts the card's system for a manual repair.
struct MountCard {
    std::filesystem::path directory = "/mnt/card";
    std::optional<std::filesystem::path> card;
};

/// `mox-rescue nor-update FILE`: writes a new rescue system into the flash.
struct NorUpdate {
    std::filesystem::path file;
};

/// `mox-rescue board [FILE]`: prints the description of a board; checks a board file.
struct ShowBoard {
    std::optional<std::filesystem::path> file;  ///< nullopt: the board on which the program runs
};

/// The command line of mox-rescue.
struct RescueOptions {
    std::variant<RescueSession, RunMode, MountCard, NorUpdate, ShowBoard> action;
    std::filesystem::path keys;
    std::optional<std::filesystem::path> boot_environment;  ///< configuration of libubootenv
    bool signature_required = false;
    std::optional<std::string> port = {};  ///< network interface of modes 5 and 6, instead of the board's
};

/// Whether a call without a subcommand may announce modes and reboot. Process 1 of the rescue system may; a
/// user in the rescue system of a known board may, too. On a PC, and on a router that runs its own system,
/// such a call is a mistake. Pure.
[[nodiscard]] bool may_start_selection(const RescueSession& session, bool is_known_board,
                                       bool is_rescue_system);

/// The table of all commands and options of `mox-rescue`.
[[nodiscard]] ProgramEntry mox_rescue_table();

/// Reads the command line. Returns the exit status when there is nothing left to do (--help, --version, a
/// mistake); the text is printed then.
[[nodiscard]] std::variant<RescueOptions, int> read_options(int argc, const char* const* argv);

}  // namespace mox::cli
