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

/// The MOX, as it stands on the bench.
[[nodiscard]] board::Description simulated_board_description();

/// An image as a block device, as the rescue system sees it.
struct PluggedIn {
    storage::LoopDevice device;
    storage::Drive drive;
};

/// Errors: the image cannot be attached.
[[nodiscard]] Expected<PluggedIn> plug_in(const std::filesystem::path& image, storage::DriveRole role);

/// Everything that is plugged in, and who presses the button.
struct BenchSession {
    const board::Description& board;
    std::filesystem::path card;
    std::optional<std::filesystem::path> stick;
    std::filesystem::path environment;  ///< configuration for libubootenv
    std::filesystem::path keys;
    Player player = Player::sample_scenario;
    led_decoder::UserModel person;
};

/// One rescue from power on to the reboot, told on `console`. Errors: it could not be set up.
[[nodiscard]] Expected<Outcome> play_session(const BenchSession& session, console::Console& console);

}  // namespace mox::simulated_board
