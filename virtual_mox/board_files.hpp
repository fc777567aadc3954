#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "boot/environment.hpp"
#include "virtual_mox/machine_setup.hpp"

namespace mox::virtual_mox {

// What `make image` has built, and flash images made of it. Errors are `internal`.

/// Where the parts of the board's NOR are: as in image/boot-loader/virtual-mox.dts.
struct NorLayout {
    static constexpr Bytes image_size{64ULL << 20};  ///< each of QEMU's two flash banks
    static constexpr Bytes environment_start{0};
    static constexpr Bytes environment_size{0x40000};
    static constexpr Bytes rescue_start{0x40000};
    static constexpr Bytes rescue_size{0x680000};
};

/// The partition "Rescue system" of a real MOX: no image may be larger.
inline constexpr Bytes largest_rescue_image{6'684'672};

/// FOLDER/NAME, as built: "u-boot.bin", "virtual-mox.dtb", "image.fit.lzma", "medkit", ...
/// Errors: it is not there; says how to build it.
[[nodiscard]] Expected<std::filesystem::path> built_file(const std::filesystem::path& folder,
                                                         std::string_view name);

/// The environment that the boot loader has by itself (image/boot-loader/virtual-mox.env).
[[nodiscard]] Expected<boot::Variables> default_environment();

/// What is in the NOR of a board.
struct NorContent {
    std::optional<boot::Variables> environment{};         ///< nothing: erased flash, no valid environment
    std::optional<std::filesystem::path> rescue_image{};  ///< nothing: erased flash
};

/// Makes `nor` (64 MiB, sparse) a NOR with this content; where nothing is written it is erased (0xff) as far
/// as a real one reaches (8 MiB). Errors: also when the rescue image is larger than a MOX's.
[[nodiscard]] Expected<void> make_nor_image(const std::filesystem::path& nor, const NorContent& content);

/// The environment in a NOR image, read from outside. The board should have no power. Errors: also a wrong
/// checksum.
[[nodiscard]] Expected<boot::Variables> read_environment(const std::filesystem::path& nor);

/// Puts another environment into a NOR image. Precondition: the board has no power.
[[nodiscard]] Expected<void> write_environment(const std::filesystem::path& nor,
                                               const boot::Variables& variables);

/// Overwrites one byte of the stored environment: its checksum is wrong afterwards.
[[nodiscard]] Expected<void> damage_environment(const std::filesystem::path& nor);

/// Makes the flash images of a board in `folder` (created), from the files that were built in `built`:
/// a setup that can be powered on. Errors: something was not built.
[[nodiscard]] Expected<MachineSetup> prepare_board(const std::filesystem::path& folder,
                                                   const std::filesystem::path& built,
                                                   const NorContent& content);

}  // namespace mox::virtual_mox
