#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "board/description.hpp"
#include "boot/environment.hpp"
#include "boot/flash.hpp"
#include "boot/mode.hpp"

namespace mox::boot {

// While the card holds no system (it is being formatted), the boot loader must start the rescue system again
// by itself. What all boot loaders in the field do is run `bootcmd`; the targets and the rescue commands that
// some of them have, others do not have, or set back. So the marker is a `bootcmd` that starts the rescue
// image with commands that are spelled out, and behind them what boots the card when there is no such image:
//
//   bootcmd=START; run mox_rescue_bootcmd              the former value waits in mox_rescue_bootcmd
//   bootcmd=START; env default -f -a; run bootcmd      there was none
//
// `force_mode=N` skips the selection. `rescue_disk` tells on which disk, when root_uuid had chosen it: the
// file system with that UUID is gone by then. `mox_rescue_marker` tells what to put back: `saved`, `none`, or
// `alone` where no environment was stored. That one consists of the marker, and goes away with it.
//
// A mode that is forced so is counted before it runs. After the third try the user has the choice again: what
// failed three times is not tried for ever. The place for it is the flash partition of the rescue system
// (boot/restart_marker.hpp), because the card may be empty then, and a power cut while the environment is
// written would lose the marker. Where there is no such place, it is `force_tries` in the environment.

inline constexpr int most_forced_tries = 3;

/// The disk that is formatted under the marker, by storage::identity.
inline constexpr std::string_view formatted_disk = "rescue_disk";

enum class Tries {
    fresh,  ///< the user has chosen the mode: three more
    go_on,  ///< the marker itself has started it
};

// Without defaults, so that the compiler warns when one is left out.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct RestartMark {
    boot::Mode mode;
    std::string disk;  ///< empty unless root_uuid chose it
    Tries tries;
};

/// Sets the marker, in one write; a marker that is already there becomes this one. Nothing is written when it
/// is the same. `rescue_partition`: where tries are counted; null: in the environment. Errors: `internal`.
[[nodiscard]] Expected<void> mark_for_restart(boot::Environment& environment, const board::Description& board,
                                              const RestartMark& mark,
                                              boot::Flash* rescue_partition = nullptr);

enum class ForcedTry { allowed, used_up };

/// Counts a try that the boot environment forces, before it begins. Nothing is written when the tries are
/// used up. Errors (`internal`): it cannot be counted, so it must not be tried.
[[nodiscard]] Expected<ForcedTry> count_forced_try(boot::Environment& environment,
                                                   boot::Flash* rescue_partition = nullptr);

/// Whether the environment is there for the marker alone: none was stored before.
[[nodiscard]] bool stands_alone(const boot::Variables& variables);

/// `variables` as they were before the marker was set: what a mode leaves behind that has ended well. Also
/// takes away the marker of older rescue systems (`boot_targets=rescue`). Pure.
[[nodiscard]] boot::Variables without_marker(boot::Variables variables);

/// Counts tries in the last erase block of the flash partition of the rescue system, which no image reaches.
///
/// Flash can be written without erasing it, as long as bits only become 0: an entry is appended, and nothing
/// else changes. A power cut while the boot environment is written loses the environment; here it loses at
/// most the entry.
class TryLog {
public:
    /// Bytes of an entry: no two of them share a word of any flash chip.
    static constexpr std::size_t entry_size = 16;

    /// Reads the block. Nothing when something else is in it, such as the end of a very large image.
    /// `flash` outlives this. Errors (`internal`): it cannot be read.
    [[nodiscard]] static Expected<std::optional<TryLog>> open(Flash& flash);

    /// Since the last `start_afresh`.
    [[nodiscard]] int tries() const;

    /// Errors (`internal`): the flash cannot be written.
    [[nodiscard]] Expected<void> add_try();
    /// Writes nothing when there is no try. Errors (`internal`): the flash cannot be written.
    [[nodiscard]] Expected<void> start_afresh();

private:
    TryLog(Flash& flash, std::uint64_t start, std::string content)
        : flash_(&flash), start_(start), content_(std::move(content)) {}

    [[nodiscard]] std::size_t end() const;
    [[nodiscard]] Expected<void> append(char mark);
    [[nodiscard]] Expected<void> write(std::size_t at, std::string_view bytes);

    Flash* flash_;
    std::uint64_t start_;  ///< of the block in the partition
    std::string content_;  ///< of the block
};

}  // namespace mox::boot
