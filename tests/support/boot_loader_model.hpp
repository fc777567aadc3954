#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "boot/environment.hpp"

namespace mox::test_support {

/// What a boot loader of the field does with its environment at power-on, as far as that decides what starts.
struct BootLoader {
    enum class HeldButton {
        runs_rescue_bootcmd,  ///< a variable of the environment, then bootcmd
        is_built_in,          ///< rescue commands in C, then bootcmd
        forces_defaults,      ///< bootcmd, distro_bootcmd, bootcmd_rescue for this start, target rescue
    };
    std::string version;
    std::string unpacks_to;
    HeldButton held_button;
    boot::Variables defaults;
};

[[nodiscard]] std::vector<BootLoader> boot_loaders_of_the_field();

/// A MOX without power.
struct ModelMox {
    std::string environment{};  ///< the bytes of the flash partition u-boot-env
    bool rescue_image = true;
    bool card_boots = true;
    bool button_held = false;
    /// The power goes in the next `saveenv`, when so much of it is written; nothing: it stays.
    std::optional<std::size_t> power_goes_after{};
};

enum class Started { card, rescue, nothing, lost_power, resets_for_ever };

[[nodiscard]] std::string name_of(Started started);

/// Switches the power on. Throws std::logic_error for commands that the model does not know, and for an
/// environment that makes a boot loader read where nothing is.
[[nodiscard]] Started power_on(const BootLoader& loader, ModelMox& mox);

/// The bytes of the partition with these variables, and what is in such bytes; nothing: wrong checksum.
[[nodiscard]] std::string environment_image(const boot::Variables& variables);
[[nodiscard]] std::optional<boot::Variables> variables_in(const std::string& environment);

/// So many states `states_between` returns: the first is `before`, the last is `after`.
inline constexpr std::size_t states_of_a_write = 10;

/// Every kind of state that a power cut leaves when `before` becomes `after`: the sector is erased first, bit
/// by bit, and then written from its start.
[[nodiscard]] std::vector<std::string> states_between(const std::string& before, const std::string& after);

}  // namespace mox::test_support
