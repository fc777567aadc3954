#pragma once

#include <memory>
#include <optional>

#include "board/description.hpp"
#include "boot/environment.hpp"
#include "cli/mox_rescue/options.hpp"
#include "console/reporter.hpp"
#include "storage/drives.hpp"
#include "update/context.hpp"

namespace mox::cli {

/// This machine for the modes: its board, drives and boot environment.
class RescueMachine {
public:
    /// `board`: nullopt on a PC, which works for the router `on_a_pc`. `drives`: given by the user; null: the
    /// drives of the board, and if the boot environment's `root_uuid` names a disk, that disk in the place of
    /// the card. `reporter` outlives this.
    ///
    /// The boot environment is the one of --boot-environment, or that of the board (open_environment).
    RescueMachine(const RescueOptions& options, const std::optional<board::Description>& board,
                  std::unique_ptr<storage::Drives> drives, console::Reporter& reporter,
                  const board::Description& on_a_pc = board::turris_mox());
    RescueMachine(const RescueMachine&) = delete;
    RescueMachine& operator=(const RescueMachine&) = delete;

    [[nodiscard]] const board::Description& board() const { return board_; }
    [[nodiscard]] const boot::Environment& environment() const { return *environment_; }
    [[nodiscard]] update::Context& context() { return context_; }

private:
    board::Description board_;
    std::unique_ptr<boot::Environment> environment_;
    std::unique_ptr<storage::Drives> drives_;
    update::Context context_;
};

}  // namespace mox::cli
