#include "virtual_mox/board_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "base/file.hpp"
#include "boot/environment_text.hpp"
#include "media/boot_environment.hpp"
#include "media/image_file.hpp"

namespace mox::virtual_mox {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::internal;

Expected<void> write_at(const fs::path& image, Bytes offset, std::string_view bytes) {
    auto file = open_file(image, O_WRONLY, kind);
    if (!file) return pass_on(file);
    if (::lseek(file->get(), static_cast<off_t>(offset.count), SEEK_SET) < 0)
        return fail_errno(kind, image.string());
    return write_all(file->get(), bytes, image.string(), kind);
}

Expected<std::string> read_at(const fs::path& image, Bytes offset, Bytes size) {
    auto file = open_file(image, O_RDONLY, kind);
    if (!file) return pass_on(file);
    std::string bytes(static_cast<std::size_t>(size.count), '\0');
    const auto got = ::pread(file->get(), bytes.data(), bytes.size(), static_cast<off_t>(offset.count));
    if (got < 0) return fail_errno(kind, image.string());
    if (static_cast<std::size_t>(got) != bytes.size())
        return fail(kind, image.string() + " is too short for a flash");
    return bytes;
}

Expected<void> make_boot_loader_image(const fs::path& image, const fs::path& u_boot) {
    if (auto made = media::make_sparse_image(image, NorLayout::image_size); !made) return made;
    const auto code = read_small_file(u_boot, kind, NorLayout::image_size);
    if (!code) return std::unexpected(code.error());
    return write_at(image, {}, *code);
}

Expected<void> write_rescue_image(const fs::path& nor, const fs::path& rescue_image) {
    const auto image = read_small_file(rescue_image, kind, NorLayout::image_size);
    if (!image) return std::unexpected(image.error());
    if (image->size() > largest_rescue_image.count)
        return fail(kind, rescue_image.string() + " has " + std::to_string(image->size()) +
                              " bytes, but the NOR of a MOX has room for " +
                              std::to_string(largest_rescue_image.count));
    return write_at(nor, NorLayout::rescue_start, *image);
}

}  // namespace

Expected<fs::path> built_file(const fs::path& folder, std::string_view name) {
    auto path = folder / name;
    std::error_code failed;
    if (fs::exists(path, failed)) return path;
    return fail(kind, path.string() + " is missing. 'make board' (or 'make image') builds it");
}

Expected<boot::Variables> default_environment() {
    constexpr auto path = MOX_BOOT_ENVIRONMENT;
    const auto text = read_small_file(path, kind);
    if (!text) return std::unexpected(text.error());
    auto variables = boot::parse_environment_text(*text);
    if (variables.empty()) return fail(kind, std::string(path) + " has no variables");
    return variables;
}

Expected<void> make_nor_image(const fs::path& nor, const NorContent& content) {
    constexpr std::size_t real_size = 8 << 20;
    if (auto made = media::make_sparse_image(nor, NorLayout::image_size); !made) return made;
    if (auto erased = write_at(nor, {}, std::string(real_size, '\xff')); !erased) return erased;
    if (content.environment)
        if (auto written = write_environment(nor, *content.environment); !written) return written;
    if (content.rescue_image) return write_rescue_image(nor, *content.rescue_image);
    return {};
}

Expected<boot::Variables> read_environment(const fs::path& nor) {
    const auto bytes = read_at(nor, NorLayout::environment_start, NorLayout::environment_size);
    if (!bytes) return std::unexpected(bytes.error());
    return media::decode_boot_environment(*bytes);
}

Expected<void> write_environment(const fs::path& nor, const boot::Variables& variables) {
    const auto bytes = media::encode_boot_environment(variables, NorLayout::environment_size);
    if (!bytes) return std::unexpected(bytes.error());
    return write_at(nor, NorLayout::environment_start, *bytes);
}

Expected<void> damage_environment(const fs::path& nor) {
    constexpr Bytes somewhere{NorLayout::environment_start.count + 100};
    const auto byte = read_at(nor, somewhere, Bytes{1});
    if (!byte) return std::unexpected(byte.error());
    return write_at(nor, somewhere, std::string(1, static_cast<char>(byte->front() ^ 0x55)));
}

Expected<MachineSetup> prepare_board(const fs::path& folder, const fs::path& built,
                                     const NorContent& content) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return fail_errno(kind, folder.string(), failed.value());
    MachineSetup setup;
    setup.folder = folder;
    setup.boot_loader = folder / "boot-loader.img";
    setup.nor = folder / "nor.img";
    const auto u_boot = built_file(built, "u-boot.bin");
    if (!u_boot) return std::unexpected(u_boot.error());
    if (auto made = make_boot_loader_image(setup.boot_loader, *u_boot); !made) return pass_on(made);
    if (auto made = make_nor_image(setup.nor, content); !made) return pass_on(made);
    const auto device_tree = built_file(built, "virtual-mox.dtb");
    if (!device_tree) return std::unexpected(device_tree.error());
    setup.device_tree = *device_tree;
    return setup;
}

}  // namespace mox::virtual_mox
