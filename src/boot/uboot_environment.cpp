#include "boot/uboot_environment.hpp"

#include <libuboot.h>

#include <cerrno>
#include <memory>

namespace mox::boot {

namespace {

/// libubootenv returns 0 or a negative errno.
std::unexpected<Error> failed(const std::filesystem::path& config, const std::string& what, int result) {
    if (result == -ENODATA)
        return fail(ErrorKind::internal,
                    "the boot environment of " + config.native() +
                        " has a wrong checksum, so the boot loader is using its built-in defaults. Save it "
                        "once in the boot loader (env save) and try again");
    return fail_errno(ErrorKind::internal, "cannot " + what + " the boot environment of " + config.native(),
                      -result);
}

/// Closing gives back the library's lock (/var/lock/fw_printenv.lock), which other programs wait for.
struct Close {
    void operator()(uboot_ctx* context) const {
        libuboot_close(context);
        libuboot_exit(context);
    }
};
using Context = std::unique_ptr<uboot_ctx, Close>;

Expected<Context> open_locked(const std::filesystem::path& config) {
    uboot_ctx* raw = nullptr;
    if (const int result = libuboot_initialize(&raw, nullptr); result < 0)
        return failed(config, "open", result);
    Context context(raw);
    if (const int result = libuboot_read_config(raw, config.c_str()); result < 0)
        return failed(config, "find", result);
    if (const int result = libuboot_open(raw); result < 0) return failed(config, "read", result);
    return context;
}

Variables variables_of(uboot_ctx* context) {
    Variables variables;
    for (void* entry = libuboot_iterator(context, nullptr); entry != nullptr;
         entry = libuboot_iterator(context, entry))
        variables.emplace(libuboot_getname(entry), libuboot_getvalue(entry));
    return variables;
}

}  // namespace

Expected<UbootEnvironment> UbootEnvironment::open(const std::filesystem::path& config) {
    auto context = open_locked(config);
    if (!context) return pass_on(context);
    return UbootEnvironment(config, variables_of(context->get()));
}

std::optional<std::string> UbootEnvironment::get(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

Expected<void> UbootEnvironment::change(const EnvironmentChanges& changes) {
    auto context = open_locked(config_);
    if (!context) return pass_on(context);
    const auto before = variables_of(context->get());

    for (const auto& [name, value] : changes)
        if (const int result =
                libuboot_set_env(context->get(), name.c_str(), value.empty() ? nullptr : value.c_str());
            result < 0)
            return failed(config_, "set " + name + " in", result);

    auto after = variables_of(context->get());
    if (after != before)
        if (const int result = libuboot_env_store(context->get()); result < 0)
            return failed(config_, "write", result);
    variables_ = std::move(after);
    return {};
}

}  // namespace mox::boot
