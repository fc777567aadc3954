#include "board/description.hpp"

#include <linux/input-event-codes.h>

#include <algorithm>

#include "base/text.hpp"

namespace mox::board {

Description turris_mox() {
    return {
        .name = "Turris MOX",
        .compatible = "cznic,turris-mox",
        .led_names = {"mox:red:activity", "red:activity", "red"},
        // Some old Turris kernels report BTN_0.
        .button_keys = {KEY_RESTART, BTN_0},
        .card_controller = "d00d8000.",
        .installed_root_device = "",
        .medkit_prefix = "mox",
        .boot_files = {{"boot/Image", "boot/Image.lzma"},
                       {"boot/armada-3720-turris-mox.dtb"},
                       {"boot/boot.scr"}},
        .boot_script = "boot/boot.scr",
        .environment_partition = "u-boot-env",
        .rescue_partition = "Rescue system",
        .largest_rescue_image = Bytes{0x660000},  // the whole partition
        .console = "ttyMV0",
        // As the newer boot loaders do it. The length is given because some boot loaders need it; the
        // addresses are free in all of them (image/check-placement).
        .start_rescue =
            "setenv bootargs console=ttyMV0,115200 earlycon=ar3700_uart,0xd0012000; "
            "sf probe && sf read 0x5000000 0x190000 0x660000 && "
            "lzmadec 0x5000000 0x5800000 && bootm 0x5800000",
        .default_boot_targets = "mmc0 nvme0 scsi0 usb0 pxe dhcp",
        .watchdog = "/dev/watchdog0",
        .sysrq_trigger = "proc/sysrq-trigger",
        .signatures_required = false,
        .port_controller = "d0030000.",
        .medkit_url = "https://repo.turris.cz/hbs/medkit",
        .tls_strict = false,
        .fallback_name_servers = {"193.17.47.1", "185.43.135.1"},  // ODVR, the open resolvers of CZ.NIC
    };
}

std::vector<Description> built_in_boards() {
    return {turris_mox()};
}

std::optional<Description> board_for(std::string_view compatible, const std::vector<Description>& boards) {
    // Entries are ordered from the exact board to its family: the first known one is the best.
    while (!compatible.empty()) {
        const auto entry = take_until(compatible, '\0');
        const auto found = std::ranges::find(boards, entry, &Description::compatible);
        if (found != boards.end()) return *found;
    }
    return std::nullopt;
}

}  // namespace mox::board
