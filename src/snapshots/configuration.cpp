#include "snapshots/configuration.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "config/shell_lines.hpp"
#include "snapshots/description.hpp"

namespace mox::snapshots {

namespace {

using namespace unit_literals;

constexpr auto kind = ErrorKind::snapshot;
constexpr const char* uci_path = "etc/config/schnapps";
constexpr const char* device_path = "etc/schnapps/config";
constexpr const char* record_path = "etc/schnapps/installed";

void read_limit(const config::UciSection& section, std::string_view key, KeepLimit& limit,
                std::vector<std::string>& warnings) {
    const auto text = section.option(key);
    if (!text || text->empty()) return;
    const auto value = whole_number<int>(*text);
    if (!value) {
        warnings.push_back(std::string(key) + " is not a number; the default is used");
        return;
    }
    limit = *value < 0 ? KeepLimit() : KeepLimit(static_cast<unsigned>(*value));
}

bool is_true(std::string_view text) {
    constexpr std::array<std::string_view, 5> words{"1", "on", "true", "yes", "enabled"};
    return std::ranges::find(words, text) != words.end();
}

/// "pre,post,time"
std::vector<SnapshotType> types_in(std::string_view text) {
    std::vector<SnapshotType> types;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto type = type_named(text.substr(0, comma))) types.push_back(*type);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return types;
}

RemoteStore remote_from(const config::UciSection& section) {
    RemoteStore remote;
    remote.url = section.option("url").value_or("");
    remote.path = section.option("path").value_or("");
    remote.user = section.option("user").value_or("");
    remote.password = section.option("password").value_or("");
    remote.sync_types = types_in(section.option("sync_types").value_or(""));
    // Routers in the field use the second spelling.
    remote.keep_forever = is_true(section.option("keep_forever").value_or("")) ||
                          is_true(section.option("keep_foreever").value_or(""));
    return remote;
}

/// Reads a file below `root`; symbolic links are resolved inside that system and never lead out of it.
/// nullopt: the file does not exist.
Expected<std::optional<std::string>> read_installed(int root, const char* path) {
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                 .mode = 0,
                                 .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    const UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!fd) return fail_errno(kind, "/" + std::string(path));
    auto text = TRY(read_to_end(fd.get(), "/" + std::string(path), kind, 64_KiB));
    return text;
}

}  // namespace

Configuration configuration_from(const config::UciFile& file) {
    Configuration configuration;
    configuration.warnings = file.warnings;
    if (const auto* const keep = file.section("keep")) {
        read_limit(*keep, "max_single", configuration.keep.single, configuration.warnings);
        read_limit(*keep, "max_time", configuration.keep.time, configuration.warnings);
        read_limit(*keep, "max_updater", configuration.keep.updater, configuration.warnings);
        read_limit(*keep, "max_rollback", configuration.keep.rollback, configuration.warnings);
    }
    if (const auto* const remote = file.section("remote")) configuration.remote = remote_from(*remote);
    if (const auto* const encrypt = file.section("encrypt"))
        configuration.encryption_password = encrypt->option("pass").value_or("");
    return configuration;
}

std::optional<std::filesystem::path> root_device_in(std::string_view text) {
    std::optional<std::filesystem::path> device;
    for (const auto& line : config::parse_shell_lines(text).assignments)
        if (line.key == "ROOT_DEV") device = line.value;
    if (!device || device->native().find('\0') != std::string::npos) return std::nullopt;
    const bool below_dev = device->native().starts_with("/dev/") && device->lexically_normal() == *device;
    return below_dev ? device : std::nullopt;
}

Expected<std::string> installation_record(const std::filesystem::path& root) {
    auto directory = open_file(root, O_PATH | O_DIRECTORY, kind);
    if (!directory && directory.error().reason() == ENOENT) return std::string();  // a card without `@`
    if (!directory) return pass_on(directory);
    auto text = TRY(read_installed(directory->get(), record_path));
    const auto line = text.value_or("");
    return escaped_for_display(line.substr(0, line.find('\n')));
}

Expected<config::UciFile> load_uci(const std::filesystem::path& root) {
    auto directory = TRY(open_file(root, O_PATH | O_DIRECTORY, kind));
    auto text = TRY(read_installed(directory.get(), uci_path), "the configuration cannot be read");
    return config::parse_uci(text.value_or(""));
}

Expected<Configuration> load_configuration(const std::filesystem::path& root) {
    auto configuration = configuration_from(TRY(load_uci(root)));
    const auto directory = TRY(open_file(root, O_PATH | O_DIRECTORY, kind));
    for (auto& line : configuration.warnings) line.insert(0, "/" + std::string(uci_path) + ": ");

    auto device = TRY(read_installed(directory.get(), device_path), "the configuration cannot be read");
    configuration.root_device = root_device_in(device.value_or("")).value_or("");
    return configuration;
}

}  // namespace mox::snapshots
