#include "virtual_mox/machine_setup.hpp"

namespace mox::virtual_mox {

namespace {

using Words = std::vector<std::string>;

void append(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

/// QEMU's option syntax doubles commas.
std::string option_value(const std::filesystem::path& path) {
    std::string text;
    for (const char c : path.native()) text += c == ',' ? ",," : std::string(1, c);
    return text;
}

std::string flash(const std::string& name, const std::filesystem::path& image, bool read_only) {
    return "driver=file,node-name=" + name + ",filename=" + option_value(image) +
           (read_only ? ",read-only=on" : ",cache.no-flush=on");
}

std::string socket(const std::string& name, int descriptor) {
    return "socket,id=" + name + ",fd=" + std::to_string(descriptor);
}

std::string network(const MachineSetup& setup, int descriptor) {
    if (const auto* user = std::get_if<UserNetwork>(&setup.network))
        return "user,id=wan" + (user->options.empty() ? "" : "," + user->options);
    return "tap,id=wan,fd=" + std::to_string(descriptor);
}

Words machine_and_memory(const MachineSetup& setup) {
    // acpi=off: with firmware in the flash QEMU would replace the GPIO controller that button and LED are on.
    Words words{
        "-machine",  "virt,acpi=off,pflash0=boot-loader,pflash1=nor",
        "-accel",    "tcg,thread=multi",
        "-cpu",      "cortex-a53",
        "-smp",      std::to_string(setup.processors),
        "-m",        std::to_string(setup.memory.count >> 20),
        "-blockdev", flash("boot-loader", setup.boot_loader, true),
        "-blockdev", flash("nor", setup.nor, false),
    };
    if (!setup.device_tree.empty()) append(words, {"-dtb", setup.device_tree});
    return words;
}

Words empty_card_slot() {
    return {
        "-device", "sdhci-pci,id=sdhci,addr=0x3",
        "-drive",  std::string("if=none,id=") + card_slot,
        "-device", std::string("sd-card,id=") + card_reader + ",drive=" + card_slot,
    };
}

/// In places that never change: the board's description names the card by its controller's.
Words devices(const MachineSetup& setup, int tap) {
    return {
        "-device",
        "virtio-rng-device,bus=virtio-mmio-bus.31",
        "-device",
        "qemu-xhci,id=xhci,addr=0x4",
        "-device",
        "i6300esb,id=watchdog,addr=0x5",
        "-netdev",
        network(setup, tap),
        "-device",
        std::string("virtio-net-pci,id=") + ethernet + ",netdev=wan,mac=52:54:00:00:00:01,romfile=,addr=0x6",
    };
}

/// The NOR as on the board, 8 MiB. A reset of the machine must not lose what was written.
Words turris_mox(const MachineSetup& setup, int tap) {
    const auto& mox = *setup.turris_mox;
    Words words{
        "-machine", "turris-mox",
        "-accel",   mox.time_by_instructions ? "tcg,thread=single" : "tcg,thread=multi",
        "-m",       std::to_string(setup.memory.count >> 20) + "M",
        "-drive",   "if=mtd,format=raw,file=" + option_value(setup.nor),
        "-drive",   std::string("if=sd,id=") + card_slot,
    };
    if (const auto* user = std::get_if<UserNetwork>(&setup.network))
        append(words, {"-nic", std::string("user,id=") + ethernet +
                                   (user->options.empty() ? "" : "," + user->options)});
    else
        append(words, {"-nic", std::string("tap,id=") + ethernet + ",fd=" + std::to_string(tap)});
    if (mox.time_by_instructions) append(words, {"-icount", "shift=3"});
    if (mox.start)
        append(words, {"-kernel", mox.start->kernel, "-initrd", mox.start->initramfs, "-dtb",
                       mox.start->device_tree, "-append", mox.start->command_line});
    return words;
}

}  // namespace

PartNames part_names(const MachineSetup& setup) {
    if (setup.turris_mox)
        return {.gpio = "/machine/front-panel",
                .led = 0,
                .button = 0,
                .card = "/machine/card",
                .usb = "usb-bus.0",
                .usb_port = "1"};
    // Lines of the GPIO controller, as in the board's device tree.
    return {.gpio = "", .led = 1, .button = 4, .card = card_reader, .usb = "xhci.0", .usb_port = ""};
}

std::vector<std::string> command_line(const MachineSetup& setup, const InheritedDescriptors& descriptors) {
    const auto binary = setup.turris_mox ? setup.turris_mox->qemu.string() : setup.qemu;
    Words words{binary, "-nodefaults", "-no-user-config", "-display", "none", "-S"};
    append(words, setup.turris_mox ? turris_mox(setup, descriptors.tap) : machine_and_memory(setup));
    append(words, {"-chardev", socket("qmp", descriptors.qmp), "-mon", "chardev=qmp,mode=control"});
    // QEMU looks for this one by its name.
    append(words,
           {"-chardev", socket("qtest", descriptors.qtest), "-qtest", "chardev:qtest", "-qtest-log", "none"});
    append(words, {"-chardev", socket("console", descriptors.console), "-serial", "chardev:console"});
    if (!setup.turris_mox) {
        if (setup.card_reader == CardReader::sd) append(words, empty_card_slot());
        append(words, devices(setup, descriptors.tap));
    }
    append(words, setup.more_options);
    return words;
}

}  // namespace mox::virtual_mox
