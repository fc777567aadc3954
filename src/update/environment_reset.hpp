#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "boot/environment.hpp"
#include "update/context.hpp"

namespace mox::update {

// A reset of the boot environment needs the defaults of the boot loader, which only the boot loader has: it
// does the reset itself at the next start. Until then the environment holds the variables to carry over and
// this:
//
//   bootcmd=env default -f -a; setenv NAME 'VALUE'; ...; saveenv && reset; run bootcmd
//
// A power cut while the boot loader saves loses only the variables to carry over: the boot loader uses its
// defaults then, and they boot the card. If it cannot save, it also boots the card with the defaults.

/// Whether a reset of the boot environment keeps the variable: the contract of the router, the mode that
/// rescue announces first, the boot targets, the disk of the root, and the trusted keys of medkits.
[[nodiscard]] bool is_carried_over(std::string_view variable);

/// `value` as a quoted word for the boot loader's shell. Errors (`internal`): it holds a character that not
/// every boot loader accepts in quotes: a backslash, a line break or another control character, or one
/// outside of ASCII. Pure.
[[nodiscard]] Expected<std::string> quoted_for_boot_loader(std::string_view value);

/// The variables that make the boot loader reset its environment at the next start, with the variables of
/// `present` that are carried over. Errors (`internal`): a value cannot be quoted; with the variable. Pure.
[[nodiscard]] Expected<boot::Variables> reset_at_next_start(const boot::Variables& present,
                                                            const board::Description& board);

enum class EnvironmentReset { none, to_defaults };

/// Call when a complete system is on the card. In one write of the boot environment it removes the restart
/// marker, requests a reset at the next start if `reset` says so, and sets `root_uuid` to the file system of
/// the new system (if the variable exists and the argument is not empty).
///
/// If no environment was stored before, none is stored after this call: the defaults stay in force. If a
/// variable cannot be carried over, all variables are kept and a warning is logged. Errors (`internal`): the
/// environment cannot be written.
[[nodiscard]] Expected<void> finalize_environment(Context& context, EnvironmentReset reset,
                                                  const std::string& root_uuid = {});

}  // namespace mox::update
