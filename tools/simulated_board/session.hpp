#pragma once

#include <filesystem>
#include <optional>

#include "base/error.hpp"
#include "board/description.hpp"
#include "console/console_progress.hpp"
#include "led_decoder/user_model.hpp"
#include "simulated_board/played_rescue.hpp"
#include "storage/drive.hpp"
#include "storage/loop_device.hpp"

namespace mox::simulated_board {

/// The board of the session: a MOX.
[[nodiscard]] board::Description simulated_board_description();

/// An image as a block device for the rescue system.
struct PluggedIn {
    storage::LoopDevice device;
    storage::Drive drive;
};

/// Errors: the image cannot be attached.
[[nodiscard]] Expected<PluggedIn> plug_in(const std::filesystem::path& image, storage::DriveRole role);

/// Card, stick and boot environment of the board, and how the button is pressed.
struct BenchSession {
    const board::Description& board;
    std::filesystem::path card;
    std::optional<std::filesystem::path> stick;
    std::filesystem::path environment;  ///< configuration for libubootenv
    std::filesystem::path keys;
    Player player = Player::sample_scenario;
    led_decoder::UserModel user;
};

/// Runs one rescue from power on to the reboot, and prints it on `console`. Errors: it cannot be set up.
[[nodiscard]] Expected<Outcome> play_session(const BenchSession& session, console::Console& console);

}  // namespace mox::simulated_board
