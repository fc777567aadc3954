#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "update/context.hpp"

namespace mox::update {

// A reset of the boot environment needs the boot loader's defaults, which only the boot loader knows: it does
// the reset itself, at the next start. Until then the environment holds what is carried over and this:
//
//   bootcmd=env default -f -a; setenv NAME 'VALUE'; ...; saveenv && reset; run bootcmd
//
// A power cut while the boot loader saves loses what was to be carried over, and nothing else: the defaults
// are in force then, and they boot the card. When it cannot save, it boots the card with the defaults.

/// What a reset of the boot environment carries over: the contract the router is under, the mode that
/// rescue announces first, where it boots from, on which disk its root is, and whose medkits it takes.
[[nodiscard]] bool is_carried_over(std::string_view variable);

/// `value` as a word of the boot loader's shell. Errors (`internal`): it holds a character that not every
/// boot loader takes within quotes: a backslash, a line break or another control character, one beyond ASCII.
/// Pure.
[[nodiscard]] Expected<std::string> quoted_for_boot_loader(std::string_view value);

/// What the boot loader is to find at the next start so that it resets its environment, with what is carried
/// over of `present`. Errors (`internal`): a value cannot be quoted; names the variable. Pure.
[[nodiscard]] Expected<boot::Variables> reset_at_next_start(const boot::Variables& present,
                                                            const board::Description& board);

enum class EnvironmentReset { none, to_defaults };

/// What a mode leaves in the boot environment when a complete system is on the card, in one write: no restart
/// marker; a reset at the next start, if that is wanted; and `root_uuid` (if the variable is there, and the
/// argument is not empty), the file system of the new system.
///
/// Where no environment was stored before, none is stored afterwards: the defaults are in force.
/// Variables that cannot be carried over are kept, all of them, and the log says so.
/// Errors (`internal`): it cannot be written.
[[nodiscard]] Expected<void> finalize_environment(Context& context, EnvironmentReset reset,
                                                  const std::string& root_uuid = {});

}  // namespace mox::update
