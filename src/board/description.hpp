#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace mox::board {

/// One board is a value: everything in which a MOX differs from another router.
struct Description {
    std::string name;        ///< for people: "Turris MOX"
    std::string compatible;  ///< first entry of the device tree's `compatible` that picks this board

    /// Names below /sys/class/leds, best first; if none exists, a single LED of colour red is taken.
    std::vector<std::string> led_names;
    /// Key codes of the button (linux/input-event-codes.h), any of them.
    std::vector<unsigned> button_keys;

    /// The card's host controller (base/device_path.hpp): never a number of a disk.
    std::string card_controller;
    /// What the installed system will call the card's first partition: ROOT_DEV of /etc/schnapps/config.
    /// Empty: the name that this system has for it.
    std::string installed_root_device;

    /// Members without which the board does not boot; of each group at least one must be in a medkit.
    std::vector<std::vector<std::string>> boot_files;
    /// The script that the boot loader looks for at the card's top level, as a path below `@`.
    std::string boot_script;

    /// Labels of flash partitions in the device tree, as /proc/mtd shows them: never a number.
    std::string environment_partition;
    std::string rescue_partition;
    /// The largest rescue image (an LZMA file) that the boot loader can read from the flash.
    Bytes largest_rescue_image;

    std::string console;  ///< serial console, a name below /dev
    /// Boot loader commands that start the rescue image from the flash, on every boot loader that the board
    /// is in the field with. What follows them runs when there is no such image.
    std::string start_rescue;
    /// Where the boot loader boots from by default, for an environment that replaces the defaults as a whole.
    std::string default_boot_targets;
    std::filesystem::path watchdog;  ///< the hardware watchdog's node
    /// Where the board must be reset with its watchdog armed (boot/reboot.hpp): below the root directory.
    /// Empty: by reboot(2).
    std::filesystem::path sysrq_trigger = {};

    /// Medkits must carry a good signature.
    bool signatures_required = false;

    /// Controller of the one network port that modes 5 and 6 use (base/device_path.hpp); never another port.
    std::string port_controller = {};
    /// Where mode 6 downloads from: the folder that holds mox-medkit-latest.tar.gz.
    std::string medkit_folder = {};
    /// Mode 6 refuses a server that cannot prove by TLS who it is. Otherwise it goes on, because only a
    /// medkit with a trusted signature is used.
    bool tls_strict = false;
    /// Asked when the name servers of the network are missing or silent: IPv4 addresses.
    std::vector<std::string> fallback_name_servers = {};
};

/// The Turris MOX (facts: device tree armada-3720-turris-mox.dts, armada-37xx.dtsi).
[[nodiscard]] Description turris_mox();

/// The board that a device tree is of. `compatible` are the bytes of /proc/device-tree/compatible: entries
/// that end with NUL, from the exact board to its family. Nothing when we know none of them.
[[nodiscard]] std::optional<Description> board_for(std::string_view compatible);

/// The board that we run on, by the device tree that the kernel shows below `root` ("/"). Nothing on a PC, or
/// when we do not know it.
[[nodiscard]] std::optional<Description> this_board(const std::filesystem::path& root);

/// Description::sysrq_trigger of the board that we run on, below `root`; empty when there is none, as on a
/// PC.
[[nodiscard]] std::filesystem::path sysrq_trigger(const std::filesystem::path& root);

}  // namespace mox::board
