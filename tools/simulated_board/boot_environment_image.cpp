#include "simulated_board/boot_environment_image.hpp"

#include <chrono>
#include <string>

#include "base/child_process.hpp"
#include "base/file.hpp"

namespace mox::simulated_board {

namespace {

// Partition "u-boot-env" of the MOX.
constexpr auto environment_size = "0x10000";

constexpr auto variables =
    "boot_targets=mmc0 nvme0 scsi0 usb0 pxe dhcp\n"
    "ethaddr=d8:58:d7:00:00:01\n";

}  // namespace

Expected<std::filesystem::path> make_boot_environment(const std::filesystem::path& directory) {
    const auto text = directory / "boot-environment.txt";
    const auto image = directory / "boot-environment.img";
    auto config = directory / "fw_env.config";
    if (auto written = replace_file_durably(text, variables, ErrorKind::internal); !written)
        return pass_on(written);
    if (auto made = run_child_successfully({"mkenvimage", "-s", environment_size, "-o", image, text},
                                           std::chrono::seconds(10), ErrorKind::internal);
        !made)
        return pass_on(made, "boot environment");
    // Device, offset, size of the environment, size of a sector.
    const auto line = image.string() + " 0x0 " + environment_size + " " + environment_size + "\n";
    if (auto written = replace_file_durably(config, line, ErrorKind::internal); !written)
        return pass_on(written);
    return config;
}

}  // namespace mox::simulated_board
