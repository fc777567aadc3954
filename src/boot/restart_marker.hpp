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
// by itself. All boot loaders in the field run `bootcmd`. Boot targets and rescue commands exist in some of
// them only, and some reset these. So the marker is a `bootcmd` that starts the rescue image with low-level
// commands; the commands after them boot the card when there is no such image:
//
//   bootcmd=START; run mox_rescue_bootcmd              the former value waits in mox_rescue_bootcmd
//   bootcmd=START; env default -f -a; run bootcmd      there was none
//
// `force_mode=N` skips the selection. `rescue_disk` names the disk if root_uuid chose it: the file system
// with that UUID no longer exists then. `mox_rescue_marker` holds what to restore: `saved`, `none`, or
// `alone` if no environment was stored. Such an environment consists of the marker only, and is erased with
// it.
//
// A try of such a forced mode is counted before it runs. After the third try the user chooses again, so that
// a mode that always fails does not run without end. The count is in the flash partition of the rescue system
// (TryLog), because the card may be empty, and a power cut while the environment is written would lose the
// marker. Without that partition it is `force_tries` in the environment.

inline constexpr int most_forced_tries = 3;

/// The disk that is formatted under the marker, by storage::identity.
inline constexpr std::string_view formatted_disk = "rescue_disk";

enum class Tries {
    fresh,  ///< the user has chosen the mode: three tries
    go_on,  ///< the marker has started it: the count goes on
};

// Without default values, so that the compiler warns about a missing one.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
struct RestartMark {
    boot::Mode mode;
    std::string disk;  ///< empty unless root_uuid chose it
    Tries tries;
};

/// Sets the marker in one write, and replaces an earlier one. Does not write when it is the same.
/// `rescue_partition`: where tries are counted; null: in the environment. Errors: `internal`.
[[nodiscard]] Expected<void> mark_for_restart(boot::Environment& environment, const board::Description& board,
                                              const RestartMark& mark,
                                              boot::Flash* rescue_partition = nullptr);

enum class ForcedTry { allowed, used_up };

/// Counts a try of a mode that the boot environment forces, before it begins. Does not write when the tries
/// are used up. Errors (`internal`): the try cannot be counted, so the mode must not run.
[[nodiscard]] Expected<ForcedTry> count_forced_try(boot::Environment& environment,
                                                   boot::Flash* rescue_partition = nullptr);

/// Whether the environment consists of the marker only: none was stored before.
[[nodiscard]] bool stands_alone(const boot::Variables& variables);

/// Returns `variables` as they were before the marker was set. A mode that has succeeded stores these. Also
/// removes the marker of older rescue systems (`boot_targets=rescue`). Pure.
[[nodiscard]] boot::Variables without_marker(boot::Variables variables);

/// Counts tries in the last erase block of the flash partition of the rescue system, behind the image.
///
/// Flash can be written without erasing it, as long as bits only become 0: add_try() appends an entry and
/// changes nothing else. A power cut while the boot environment is written loses the environment; here it
/// loses at most the entry.
class TryLog {
public:
    /// Bytes of an entry: two entries never share a word of a flash chip.
    static constexpr std::size_t entry_size = 16;

    /// Reads the block. nullopt: it holds other data, such as the end of a very large image. `flash` outlives
    /// this object. Errors (`internal`): it cannot be read.
    [[nodiscard]] static Expected<std::optional<TryLog>> open(Flash& flash);

    /// The number of tries since the last `reset`.
    [[nodiscard]] int tries() const;

    /// Errors (`internal`): the flash cannot be written.
    [[nodiscard]] Expected<void> add_try();
    /// Sets the number of tries to 0. Does not write when it is 0 already. Errors (`internal`): the flash
    /// cannot be written.
    [[nodiscard]] Expected<void> reset();

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
