#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "base/units.hpp"
#include "disk_images/stick.hpp"
#include "panel/server/contents.hpp"

namespace mox::virtual_mox::panel {

// The commands of a page.

struct SetPower {
    bool on = false;
};
struct ResetBoard {};
struct MoveButton {
    bool down = false;
    bool locked = false;  ///< stays down when the page closes
};
struct MoveCable {
    bool plugged = false;
};
struct MoveCard {
    bool in = false;
};
struct MoveStick {
    bool in = false;
};
struct MakeCard {
    CardContent content = CardContent::demo;
};
struct MakeStick {
    StickContent content = StickContent::good;
    disk_images::StickFilesystem filesystem = disk_images::StickFilesystem::fat32;
};
/// Whether a stick can hold this file, before it is sent.
struct CheckFile {
    std::string name;
    Bytes size;
};
struct LookAtCard {};
struct PlayScenario {
    bool running = false;
};
struct Ping {
    double t = 0;
};

using Action = std::variant<SetPower, ResetBoard, MoveButton, MoveCable, MoveCard, MoveStick, MakeCard,
                            MakeStick, CheckFile, LookAtCard, PlayScenario, Ping>;

/// One message of a page; its answer carries the same number.
struct Command {
    double id = 0;
    Action action;
};

/// The reason why a message is not a command; with its number, if it has one.
struct NoCommand {
    double id = 0;
    std::string why;
};

/// Parses a message. Pure; accepts any text.
[[nodiscard]] std::expected<Command, NoCommand> read_command(std::string_view text);

}  // namespace mox::virtual_mox::panel
