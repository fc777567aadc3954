#include "virtual_mox/board_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "config/environment_text.hpp"
#include "disk_images/boot_environment.hpp"
#include "disk_images/image_file.hpp"

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

/// Errors: `file` is larger than its partition.
Expected<void> write_partition(const fs::path& nor, const fs::path& file, Bytes start, Bytes size) {
    const auto bytes = read_small_file(file, kind, NorLayout::image_size);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->size() > size.count)
        return fail(kind, file.string() + " has " + std::to_string(bytes->size()) +
                              " bytes, but its partition in the NOR of a MOX has " +
                              std::to_string(size.count));
    return write_at(nor, start, *bytes);
}

}  // namespace

Expected<fs::path> built_file(const fs::path& folder, std::string_view name) {
    auto path = folder / name;
    std::error_code failed;
    if (fs::exists(path, failed)) return path;
    return fail(kind, path.string() + " is missing. 'make board' builds it");
}

Expected<boot::Variables> default_environment(const fs::path& loader) {
    auto path = loader;
    path.replace_extension(".env");
    const auto text = read_small_file(path, kind);
    if (!text) return std::unexpected(text.error());
    auto variables = config::parse_environment_text(*text);
    if (variables.empty()) return fail(kind, path.string() + " has no variables");
    return variables;
}

Expected<void> make_nor_image(const fs::path& nor, const NorContent& content) {
    if (auto made = disk_images::make_sparse_image(nor, NorLayout::image_size); !made) return made;
    const std::string erased(static_cast<std::size_t>(NorLayout::image_size.count), '\xff');
    if (auto written = write_at(nor, {}, erased); !written) return written;
    if (content.boot_loader)
        if (auto written = write_partition(nor, *content.boot_loader, NorLayout::boot_loader_start,
                                           NorLayout::boot_loader_size);
            !written)
            return written;
    if (content.environment)
        if (auto written = write_environment(nor, *content.environment); !written) return written;
    if (!content.rescue_image) return {};
    return write_partition(nor, *content.rescue_image, NorLayout::rescue_start, NorLayout::rescue_size);
}

Expected<boot::Variables> read_environment(const fs::path& nor) {
    const auto bytes = read_at(nor, NorLayout::environment_start, NorLayout::environment_size);
    if (!bytes) return std::unexpected(bytes.error());
    return disk_images::decode_boot_environment(*bytes);
}

Expected<void> write_environment(const fs::path& nor, const boot::Variables& variables) {
    const auto bytes = disk_images::encode_boot_environment(variables, NorLayout::environment_size);
    if (!bytes) return std::unexpected(bytes.error());
    return write_at(nor, NorLayout::environment_start, *bytes);
}

Expected<void> damage_environment(const fs::path& nor) {
    constexpr Bytes somewhere{NorLayout::environment_start.count + 100};
    const auto byte = read_at(nor, somewhere, Bytes{1});
    if (!byte) return std::unexpected(byte.error());
    return write_at(nor, somewhere, std::string(1, static_cast<char>(byte->front() ^ 0x55)));
}

Expected<MachineSetup> prepare_board(const fs::path& folder, const fs::path& built, NorContent content) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return fail_errno(kind, folder.string(), failed.value());
    if (!content.boot_loader) {
        auto built_loader = built_file(built, "mox-loader.bin");
        if (!built_loader) return std::unexpected(built_loader.error());
        content.boot_loader = std::move(*built_loader);
    }
    MachineSetup setup;
    setup.folder = folder;
    setup.nor = folder / "nor.img";
    if (auto made = make_nor_image(setup.nor, content); !made) return pass_on(made);
    auto qemu = built_file(built, "qemu-system-aarch64");
    if (!qemu) return std::unexpected(qemu.error());
    setup.qemu = std::move(*qemu);
    return setup;
}

Expected<DirectStart> direct_start(const fs::path& built, std::string_view arguments) {
    DirectStart start;
    for (const auto& [name, file] : {std::pair("Image", &start.kernel),
                                     {"initramfs.cpio", &start.initramfs},
                                     {"armada-3720-turris-mox.dtb", &start.device_tree}}) {
        auto path = built_file(built, name);
        if (!path) return std::unexpected(path.error());
        *file = std::move(*path);
    }
    if (!arguments.empty()) start.command_line.append(" ").append(arguments);
    return start;
}

}  // namespace mox::virtual_mox
