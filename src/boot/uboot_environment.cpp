#include "boot/uboot_environment.hpp"

#include <libuboot.h>
#include <sys/mman.h>

#include <cerrno>
#include <memory>
#include <sstream>

#include "base/file.hpp"

namespace mox::boot {

namespace {

/// libubootenv returns 0 or a negative errno. `name` says where the environment is.
std::unexpected<Error> failed(const std::string& name, const std::string& what, int result) {
    if (result == -ENODATA)
        return fail(ErrorKind::internal,
                    "the boot environment of " + name +
                        " has a wrong checksum, so the boot loader is using its built-in defaults. Save it "
                        "once in the boot loader (env save) and try again");
    return fail_errno(ErrorKind::internal, "cannot " + what + " the boot environment of " + name, -result);
}

/// Closing gives back the library's lock (/var/lock/fw_printenv.lock), which other programs wait for.
struct Close {
    void operator()(uboot_ctx* context) const {
        libuboot_close(context);
        libuboot_exit(context);
    }
};
using Context = std::unique_ptr<uboot_ctx, Close>;

Expected<Context> open_locked(const std::string& name, const std::filesystem::path& config) {
    uboot_ctx* raw = nullptr;
    if (const int result = libuboot_initialize(&raw, nullptr); result < 0)
        return failed(name, "open", result);
    Context context(raw);
    if (const int result = libuboot_read_config(raw, config.c_str()); result < 0)
        return failed(name, "find", result);
    if (const int result = libuboot_open(raw); result < 0) return failed(name, "read", result);
    return context;
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

Variables variables_of(uboot_ctx* context) {
    Variables variables;
    for (void* entry = libuboot_iterator(context, nullptr); entry != nullptr;
         entry = libuboot_iterator(context, entry))
        variables.emplace(libuboot_getname(entry), libuboot_getvalue(entry));
    return variables;
}

}  // namespace

Expected<UbootEnvironment> UbootEnvironment::open_at(Place place) {
    auto context = open_locked(place.name, place.config);
    if (!context) return pass_on(context);
    return UbootEnvironment(std::move(place), variables_of(context->get()));
}

Expected<UbootEnvironment> UbootEnvironment::open(const std::filesystem::path& config) {
    return open_at({.name = config.native(), .config = config, .generated = {}});
}

Expected<UbootEnvironment> UbootEnvironment::open(const FlashPartition& partition) {
    const auto name = "flash partition " + partition.label + " (" + partition.node.native() + ")";
    // The library takes a configuration of a single copy from a file only: here one that has no name.
    UniqueFd config(::memfd_create("fw_env.config", MFD_CLOEXEC));
    if (!config) return fail_errno(ErrorKind::internal, "boot environment of " + name);
    if (auto written = write_all(config.get(), config_line(partition), name, ErrorKind::internal); !written)
        return pass_on(written);
    std::filesystem::path path = "/proc/self/fd/" + std::to_string(config.get());
    return open_at({.name = name, .config = std::move(path), .generated = std::move(config)});
}

std::optional<std::string> UbootEnvironment::get(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

Expected<void> UbootEnvironment::change(const EnvironmentChanges& changes) {
    auto context = open_locked(place_.name, place_.config);
    if (!context) return pass_on(context);
    const auto before = variables_of(context->get());

    for (const auto& [name, value] : changes)
        if (const int result =
                libuboot_set_env(context->get(), name.c_str(), value.empty() ? nullptr : value.c_str());
            result < 0)
            return failed(place_.name, "set " + name + " in", result);

    auto after = variables_of(context->get());
    if (after != before)
        if (const int result = libuboot_env_store(context->get()); result < 0)
            return failed(place_.name, "write", result);
    variables_ = std::move(after);
    return {};
}

}  // namespace mox::boot
