#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/environment.hpp"
#include "virtual_mox/machine_setup.hpp"

namespace mox::virtual_mox {

// The files that `make image` builds, and flash images made of them. Errors are `internal`.

/// The partitions of the NOR, from armada-3720-turris-mox.dts.
struct NorLayout {
    static constexpr Bytes image_size{8ULL << 20};
    static constexpr Bytes boot_loader_start{0x20000};
    static constexpr Bytes boot_loader_size{0x160000};
    static constexpr Bytes environment_start{0x180000};
    static constexpr Bytes environment_size{0x10000};
    static constexpr Bytes rescue_start{0x190000};
    static constexpr Bytes rescue_size{0x660000};
};

/// FOLDER/NAME, as built: "mox-loader.bin", "image.fit.lzma", "medkit", ... Errors: it does not exist; with
/// the command that builds it.
[[nodiscard]] Expected<std::filesystem::path> built_file(const std::filesystem::path& folder,
                                                         std::string_view name);

/// The default environment of a boot loader, from the file beside `loader` with the extension .env in place
/// of .bin.
[[nodiscard]] Expected<boot::Variables> default_environment(const std::filesystem::path& loader);

/// The content of the NOR of a board.
struct NorContent {
    /// The boot loader, as read from mtd1 of a MOX; nullopt: erased flash.
    std::optional<std::filesystem::path> boot_loader{};
    std::optional<boot::Variables> environment{};         ///< nullopt: erased flash, no valid environment
    std::optional<std::filesystem::path> rescue_image{};  ///< nullopt: erased flash
};

/// Makes `nor` (8 MiB) with this content; all other bytes are erased (0xff). Errors: also when the boot
/// loader or the rescue image is larger than its partition.
[[nodiscard]] Expected<void> make_nor_image(const std::filesystem::path& nor, const NorContent& content);

/// Reads the environment from a NOR image. The board should have no power. Errors: also a wrong checksum.
[[nodiscard]] Expected<boot::Variables> read_environment(const std::filesystem::path& nor);

/// Writes another environment to a NOR image. Precondition: the board has no power.
[[nodiscard]] Expected<void> write_environment(const std::filesystem::path& nor,
                                               const boot::Variables& variables);

/// Overwrites one byte of the stored environment: its checksum is wrong afterwards.
[[nodiscard]] Expected<void> damage_environment(const std::filesystem::path& nor);

/// Makes the NOR of a board in `folder` (created), from the files that were built in `built`: a setup that
/// can be powered on. Without a boot loader in `content` it is "mox-loader.bin". Errors: a file was not
/// built.
[[nodiscard]] Expected<MachineSetup> prepare_board(const std::filesystem::path& folder,
                                                   const std::filesystem::path& built, NorContent content);

/// The shipped kernel, initramfs and device tree, started as by a boot loader. `arguments` are added to the
/// kernel's command line. Errors: a file was not built.
[[nodiscard]] Expected<DirectStart> direct_start(const std::filesystem::path& built,
                                                 std::string_view arguments = {});

}  // namespace mox::virtual_mox
