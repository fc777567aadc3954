#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace mox::board {

/// A board as a value: everything in which a MOX differs from another router.
struct Description {
    std::string name;        ///< for messages: "Turris MOX"
    std::string compatible;  ///< first entry of the device tree's `compatible` that picks this board

    /// Names below /sys/class/leds, best first; if none exists, the only red LED is used.
    std::vector<std::string> led_names;
    /// Key codes that the button may have (linux/input-event-codes.h).
    std::vector<unsigned> button_keys;

    /// The card's host controller (base/device_path.hpp), not the number of a disk.
    std::string card_controller;
    /// The installed system's name of the card's first partition: ROOT_DEV of /etc/schnapps/config. Empty:
    /// the name in this system.
    std::string installed_root_device;

    /// "mox" in mox-medkit-latest.tar.gz: the start of the names of the board's medkits (medkit_files.hpp).
    std::string medkit_prefix;
    /// Files without which the board does not boot; a medkit must contain at least one of each group.
    std::vector<std::vector<std::string>> boot_files;
    /// The script that the boot loader runs from the card's top level, as a path below `@`.
    std::string boot_script;

    /// Labels of flash partitions in the device tree, as in /proc/mtd, not numbers.
    std::string environment_partition;
    std::string rescue_partition;
    /// The largest rescue image (an LZMA file) that the boot loader can read from the flash.
    Bytes largest_rescue_image;

    std::string console;  ///< serial console, a name below /dev
    /// Boot loader commands that start the rescue image from the flash, for all boot loaders in the field.
    /// The commands after them run when there is no such image.
    std::string start_rescue;
    /// The boot loader's default boot targets, for an environment that replaces all defaults.
    std::string default_boot_targets;
    std::filesystem::path watchdog;  ///< the hardware watchdog's node
    /// The sysrq file, relative to the root directory, of a board that must be reset with its watchdog armed
    /// (boot/reboot.hpp). Empty: reset by reboot(2).
    std::filesystem::path sysrq_trigger = {};

    /// Medkits must have a good signature.
    bool signatures_required = false;

    /// Controller of the only network port that modes 5 and 6 use (base/device_path.hpp).
    std::string port_controller = {};
    /// The URL of the directory from which mode 6 downloads PREFIX-medkit-latest.tar.gz.
    std::string medkit_url = {};
    /// Mode 6 refuses a server whose TLS certificate is not valid. Otherwise it goes on, because it uses only
    /// a medkit with a trusted signature.
    bool tls_strict = false;
    /// IPv4 addresses of name servers that are asked when those of the network are missing or do not answer.
    std::vector<std::string> fallback_name_servers = {};

    bool operator==(const Description&) const = default;
};

/// The Turris MOX (sources: device tree armada-3720-turris-mox.dts, armada-37xx.dtsi).
[[nodiscard]] Description turris_mox();

/// The boards that the programs know without a file (board_file.hpp).
[[nodiscard]] std::vector<Description> built_in_boards();

/// The board of a device tree, one of `boards`; the first of two with the same `compatible`. `compatible` are
/// the bytes of /proc/device-tree/compatible: entries that end with NUL, from the exact board to its family.
/// nullopt: no entry is a known board.
[[nodiscard]] std::optional<Description> board_for(std::string_view compatible,
                                                   const std::vector<Description>& boards);

}  // namespace mox::board
