#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "disk_images/stick.hpp"
#include "panel/server/board_tracker.hpp"
#include "panel/server/card_inspection.hpp"
#include "panel/server/console_reader.hpp"

namespace mox::virtual_mox::panel {

/// A card or a stick: in its slot or beside it.
struct SlotState {
    bool in = false;
    std::string content;    ///< description of its content; empty: there is none yet
    bool making = false;    ///< a new one is being made
    std::string failure{};  ///< why the last one could not be made; then there is none
};

struct UploadedFile {
    std::string name;
    Bytes size;
};

struct ShowMeState {
    bool running = false;
    std::string caption;
};

/// The state that all pages show, without the history.
struct BoardState {
    bool power = false;
    bool button_down = false;
    bool button_locked = false;  ///< stays down when a page closes
    bool led = false;
    bool cable = true;
    Situation situation;
    SlotState card;
    SlotState stick;
    disk_images::StickFilesystem stick_filesystem = disk_images::StickFilesystem::fat32;
    std::vector<UploadedFile> files;  ///< for the next stick
    ShowMeState show_me;
    std::optional<CardLook> look;
};

/// The LEDs of the Ethernet port. A boot loader that enters rescue makes them blink.
enum class PortLeds { off, link, blinking };
[[nodiscard]] PortLeds port_leds(const BoardState& board);

}  // namespace mox::virtual_mox::panel
