#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.hpp"

namespace mox::virtual_mox {

/// QEMU's own small network: DHCP, DNS, the host at 10.0.2.2.
struct UserNetwork {
    std::string options{};  ///< of `-netdev user`, e.g. "restrict=on,hostfwd=tcp:127.0.0.1:2222-:22"
};

/// The test's network: an open tap device (in a network namespace of the test, say). It stays the caller's
/// and must stay open as long as the machine.
struct TapNetwork {
    int tap = -1;
};

/// What the card is in, always at PCI address 00:03.0.
enum class CardReader {
    /// An SD host controller, as in a MOX. QEMU's SD card tells the board nothing of errors of its image:
    /// what
    /// cannot be written is silently lost.
    sd,
    /// A disk (virtio) that does report errors. Its card must be in before the power comes, and cannot be
    /// pulled.
    disk,
};

/// What the processor starts with in place of a boot loader: the registers are as one leaves them.
struct DirectStart {
    std::filesystem::path kernel;
    std::filesystem::path initramfs;
    std::filesystem::path device_tree;
    std::string command_line = "console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000";
};

/// The board is QEMU's machine turris-mox (qemu/README.md), and not its `virt`.
struct TurrisMox {
    std::filesystem::path qemu;        ///< build/board/qemu-system-aarch64
    std::optional<DirectStart> start;  ///< nullopt: the boot loader in the NOR
    /// Virtual time is what the processor has executed, 8 ns for an instruction, and not the host's time: a
    /// busy host does not make the watchdog or a time limit of the board come earlier.
    bool time_by_instructions = false;
};

/// Everything about a virtual MOX that does not change while it runs.
struct MachineSetup {
    std::filesystem::path folder;       ///< exists; takes QEMU's log. One machine each
    std::filesystem::path boot_loader;  ///< first flash: U-Boot, an image of 64 MiB that is never written
    std::filesystem::path nor;  ///< second flash: environment and rescue image (nor_image.hpp), written
    std::filesystem::path device_tree;  ///< empty: QEMU's own, which has neither LED nor flash partitions
    Bytes memory{512ULL << 20};
    int processors = 2;
    CardReader card_reader = CardReader::sd;
    std::variant<UserNetwork, TapNetwork> network{};
    std::vector<std::string> more_options{};  ///< appended to the command line: further devices
    std::string qemu = "qemu-system-aarch64";
    std::optional<TurrisMox> turris_mox{};  ///< with it, boot_loader, device_tree and qemu do not count
};

// Names of the board's parts for QEMU.
inline constexpr auto card_slot = "card-slot";
inline constexpr auto card_reader = "card";
inline constexpr auto ethernet = "eth0";

/// How QEMU knows the parts that tests move.
struct PartNames {
    std::string gpio;      ///< QOM path of the device with LED and button; empty: to be looked for
    int led = 0;           ///< its output
    int button = 0;        ///< its input
    std::string card;      ///< the SD card
    std::string usb;       ///< the bus for sticks
    std::string usb_port;  ///< empty: any
};
[[nodiscard]] PartNames part_names(const MachineSetup& setup);

/// Descriptors that QEMU inherits, in this order.
struct InheritedDescriptors {
    int qmp = 3;
    int qtest = 4;
    int console = 5;
    int tap = 6;
};

/// The command line: the board without card, sticks and power (`-S`). Pure.
[[nodiscard]] std::vector<std::string> command_line(const MachineSetup& setup,
                                                    const InheritedDescriptors& descriptors = {});

}  // namespace mox::virtual_mox
