#include "boot/uboot_environment.hpp"

#include <fcntl.h>
#include <libuboot.h>
#include <mtd/mtd-user.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <iomanip>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/descriptor_path.hpp"
#include "base/file.hpp"

namespace mox::boot {

namespace {

/// libubootenv returns 0 or a negative errno. `name` is the place of the environment.
std::unexpected<Error> failed(const std::string& name, const std::string& what, int result) {
    return fail_errno(ErrorKind::internal, "cannot " + what + " the boot environment of " + name, -result);
}

/// Closing releases the library's lock (/var/lock/fw_printenv.lock), for which other programs wait.
struct Close {
    void operator()(uboot_ctx* context) const {
        libuboot_close(context);
        libuboot_exit(context);
    }
};
using Context = std::unique_ptr<uboot_ctx, Close>;

/// The library's environment, with its lock.
struct Opened {
    Context context;
    Variables variables;  ///< empty: never saved, or with a wrong checksum
};

Variables variables_of(uboot_ctx* context) {
    Variables variables;
    for (void* entry = libuboot_iterator(context, nullptr); entry != nullptr;
         entry = libuboot_iterator(context, entry))
        variables.emplace(libuboot_getname(entry), libuboot_getvalue(entry));
    return variables;
}

Expected<Opened> open_locked(const std::string& name, const std::filesystem::path& config) {
    uboot_ctx* raw = nullptr;
    if (const int result = libuboot_initialize(&raw, nullptr); result < 0)
        return failed(name, "open", result);
    Context context(raw);
    if (const int result = libuboot_read_config(raw, config.c_str()); result < 0)
        return failed(name, "find", result);
    const int result = libuboot_open(raw);
    if (result < 0 && result != -ENODATA) return failed(name, "read", result);
    auto variables = result < 0 ? Variables() : variables_of(raw);
    return Opened{std::move(context), std::move(variables)};
}

/// Device, offset, size of the environment, size of a sector, number of sectors.
std::string config_line(const FlashPartition& partition) {
    const auto size = partition.size.count;
    const auto sector = partition.erase_block.count;
    std::ostringstream line;
    line << partition.node.native() << std::hex << " 0x0 0x" << size << " 0x" << sector << " 0x"
         << (sector == 0 ? 0 : size / sector) << "\n";
    return line.str();
}

/// The place of the environment, from a file in the format of /etc/fw_env.config.
struct Area {
    std::string device;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// The first line that is no comment: the MOX has a single copy.
std::optional<Area> area_in(std::string_view config) {
    std::istringstream lines{std::string(config)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        Area area;
        words >> area.device >> std::setbase(0) >> area.offset >> area.size;
        if (words && !area.device.starts_with('#')) return area;
    }
    return std::nullopt;
}

/// Erases flash block by block; overwrites another device with 0xff bytes, as erased flash has.
Expected<void> erase(const Area& area, const std::string& name) {
    auto device = TRY(open_file(area.device, O_RDWR, ErrorKind::internal));
    mtd_info_user flash{};
    if (::ioctl(device.get(), MEMGETINFO, &flash) == 0 && flash.erasesize != 0) {
        for (auto at = area.offset; at < area.offset + area.size; at += flash.erasesize) {
            erase_info_user block{.start = static_cast<std::uint32_t>(at), .length = flash.erasesize};
            ::ioctl(device.get(), MEMUNLOCK,
                    &block);  // fails on chips without locks; MEMERASE reports errors
            if (::ioctl(device.get(), MEMERASE, &block) != 0)
                return fail_errno(ErrorKind::internal, "cannot erase the boot environment of " + name);
        }
        return {};
    }
    if (::lseek(device.get(), static_cast<off_t>(area.offset), SEEK_SET) < 0)
        return fail_errno(ErrorKind::internal, name);
    const std::string erased(area.size, '\xff');
    TRY(write_all(device.get(), erased, name, ErrorKind::internal));
    if (::fsync(device.get()) != 0) return fail_errno(ErrorKind::internal, name);
    return {};
}

}  // namespace

Expected<UbootEnvironment> UbootEnvironment::open_at(Place place) {
    auto opened = TRY(open_locked(place.name, place.config));
    return UbootEnvironment(std::move(place), std::move(opened.variables));
}

Expected<void> UbootEnvironment::discard() {
    auto config = TRY(read_small_file(place_.config, ErrorKind::internal));
    const auto area = area_in(config);
    if (!area)
        return fail(ErrorKind::internal, place_.name + " does not name the place of the boot environment");
    return erase(*area, place_.name);
}

Expected<UbootEnvironment> UbootEnvironment::open(const std::filesystem::path& config) {
    // The library says EBADF or EINVAL for all of this.
    const auto text = TRY(read_small_file(config, ErrorKind::internal));
    const auto area = area_in(text);
    if (!area)
        return fail(ErrorKind::internal, config.native() + " names no boot environment",
                    {"a line of it is DEVICE OFFSET SIZE, as in /etc/fw_env.config"});
    const bool is_file = !area->device.contains(':');  // "/dev/ubi0:env" is a volume
    if (is_file) TRY(open_file(area->device, O_RDONLY, ErrorKind::internal), config.native());
    return open_at({.name = config.native(), .config = config, .generated = {}});
}

Expected<UbootEnvironment> UbootEnvironment::open(const FlashPartition& partition) {
    const auto name = "flash partition " + partition.label + " (" + partition.node.native() + ")";
    // The library reads the configuration of a single copy only from a file: this one has no name.
    UniqueFd config(::memfd_create("fw_env.config", MFD_CLOEXEC));
    if (!config) return fail_errno(ErrorKind::internal, "boot environment of " + name);
    TRY(write_all(config.get(), config_line(partition), name, ErrorKind::internal));
    std::filesystem::path path = descriptor_path(config.get());
    return open_at({.name = name, .config = std::move(path), .generated = std::move(config)});
}

std::optional<std::string> UbootEnvironment::get(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

Expected<void> UbootEnvironment::change(const EnvironmentChanges& changes) {
    auto opened = TRY(open_locked(place_.name, place_.config));
    auto* const context = opened.context.get();

    for (const auto& [name, value] : changes)
        if (const int result =
                libuboot_set_env(context, name.c_str(), value.empty() ? nullptr : value.c_str());
            result < 0)
            return failed(place_.name, "set " + name + " in", result);

    auto after = variables_of(context);
    if (after == opened.variables) {
        variables_ = std::move(after);
        return {};
    }
    if (after.empty()) {
        TRY(discard());
    } else if (const int result = libuboot_env_store(context); result < 0) {
        return failed(place_.name, "write", result);
    }
    variables_ = std::move(after);
    return {};
}

}  // namespace mox::boot
