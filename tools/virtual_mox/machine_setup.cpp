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

std::string socket(const std::string& name, int descriptor) {
    return "socket,id=" + name + ",fd=" + std::to_string(descriptor);
}

std::string network(const MachineSetup& setup, int tap) {
    const std::string name = ethernet;
    if (const auto* user = std::get_if<UserNetwork>(&setup.network))
        return "user,id=" + name + (user->options.empty() ? "" : "," + user->options);
    return "tap,id=" + name + ",fd=" + std::to_string(tap);
}

Words board(const MachineSetup& setup, int tap) {
    return {
        "-machine", "turris-mox",
        "-m",       std::to_string(setup.memory.count >> 20) + "M",
        "-drive",   "if=mtd,format=raw,file=" + option_value(setup.nor),
        "-drive",   std::string("if=sd,id=") + card_slot,
        "-nic",     network(setup, tap),
    };
}

Words start(const MachineSetup& setup) {
    const Words exact_time{"-accel", "tcg,thread=single", "-icount", "shift=3"};
    if (!setup.start) return exact_time;
    Words words = setup.start->exact_time ? exact_time : Words{"-accel", "tcg,thread=multi"};
    append(words, {"-kernel", setup.start->kernel, "-dtb", setup.start->device_tree, "-append",
                   setup.start->command_line});
    if (!setup.start->initramfs.empty()) append(words, {"-initrd", setup.start->initramfs});
    return words;
}

}  // namespace

std::vector<std::string> command_line(const MachineSetup& setup, const InheritedDescriptors& descriptors) {
    Words words{setup.qemu, "-nodefaults", "-no-user-config", "-display", "none", "-S"};
    append(words, board(setup, descriptors.tap));
    append(words, start(setup));
    append(words, {"-chardev", socket("qmp", descriptors.qmp), "-mon", "chardev=qmp,mode=control"});
    append(words,
           {"-chardev", socket("panel", descriptors.panel), "-global", "mox-front-panel.chardev=panel"});
    append(words, {"-chardev", socket("console", descriptors.console), "-serial", "chardev:console"});
    append(words, setup.more_options);
    return words;
}

}  // namespace mox::virtual_mox
