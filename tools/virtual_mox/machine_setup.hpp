#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.hpp"

namespace mox::virtual_mox {

/// QEMU's user network: DHCP, DNS, the host at 10.0.2.2.
struct UserNetwork {
    std::string options{};  ///< of `-nic user`, e.g. "restrict=on,hostfwd=tcp:127.0.0.1:2222-:22"
};

/// The test's network: an open tap device (in a network namespace of the test, say). It stays the caller's
/// and must stay open as long as the machine.
struct TapNetwork {
    int tap = -1;
};

/// What the processor starts in place of a boot loader, with the registers as a boot loader sets them.
struct DirectStart {
    std::filesystem::path kernel;
    std::filesystem::path initramfs{};  ///< empty: none
    std::filesystem::path device_tree;
    std::string command_line = "console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000";
    /// Virtual time counts executed instructions, as with the boot loader: for times that must be exact on a
    /// busy host too. Slower, because both processors share one thread.
    bool exact_time = false;
};

/// The settings of a virtual MOX that do not change while it runs: QEMU's machine turris-mox
/// (qemu/README.md).
struct MachineSetup {
    std::filesystem::path folder;  ///< exists; takes QEMU's log. One machine each
    std::filesystem::path nor;     ///< 8 MiB: boot loader, environment, rescue image (board_files.hpp)
    std::filesystem::path qemu;    ///< build/board/qemu-system-aarch64
    /// nullopt: the boot loader in the NOR. It reads the NOR byte by byte and starts a watchdog, so virtual
    /// time then counts executed instructions (8 ns each) and waiting: the watchdog and time limits of the
    /// board do not depend on the load of the host.
    std::optional<DirectStart> start{};
    Bytes memory{512ULL << 20};
    std::variant<UserNetwork, TapNetwork> network{};
    std::vector<std::string> more_options{};  ///< appended to the command line: further devices
};

// Names of the board's parts for QEMU.
inline constexpr auto card_slot = "card-slot";
inline constexpr auto ethernet = "eth0";
inline constexpr auto card_part = "/machine/card";
inline constexpr auto usb_bus = "usb-bus.0";  ///< has ports 1 and 2

/// Descriptors that QEMU inherits, in this order.
struct InheritedDescriptors {
    int qmp = 3;
    int panel = 4;
    int console = 5;
    int tap = 6;
};

/// The command line: the board without card, sticks and power (`-S`). Pure.
[[nodiscard]] std::vector<std::string> command_line(const MachineSetup& setup,
                                                    const InheritedDescriptors& descriptors = {});

}  // namespace mox::virtual_mox
