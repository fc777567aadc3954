#include "update/rescue_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <sstream>

#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "storage/installed_file.hpp"

namespace mox::update {

namespace {

using namespace unit_literals;

constexpr Bytes largest_log_kept = 1_MiB;

/// "0007-reflash.log" -> 7; nullopt for other names.
std::optional<unsigned> number_in(std::string_view name) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || !name.ends_with(".log") || *end != '-') return std::nullopt;
    return number;
}

std::vector<std::string> log_names(int directory) {
    std::vector<std::string> names;
    // After an error: those that were read.
    (void)for_each_entry(open_again(directory), [&](std::string_view name, unsigned char /*type*/) {
        if (number_in(name)) names.emplace_back(name);
    });
    return names;
}

constexpr Bytes largest_fstab{64 << 10};

/// Directories that the kernel or every system mounts in memory.
constexpr std::array<std::string_view, 5> directories_in_memory{"tmp", "run", "dev", "proc", "sys"};

bool is_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

/// Mount points of tmpfs in the system's /etc/fstab (fstab(5)), without the first slash.
std::vector<std::string> memory_mounts(int root) {
    std::vector<std::string> mounts;
    const auto etc = storage::open_installed_directory(root, "etc", storage::Missing::is_an_error);
    if (!etc) return mounts;
    const UniqueFd file(::openat(etc->get(), "fstab", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return mounts;
    auto text = read_to_end(file.get(), "etc/fstab", ErrorKind::card, largest_fstab);
    if (!text) return mounts;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string device;
        std::string directory;
        std::string type;
        words >> device >> directory >> type;
        const bool counts = !device.starts_with('#') && (type == "tmpfs" || type == "ramfs");
        if (counts && directory.starts_with('/') && directory.size() > 1)
            mounts.push_back(directory.substr(1));
    }
    return mounts;
}

void add_logs(std::vector<KeptLog>& logs, int root, std::string_view path) {
    const auto directory = storage::open_installed_directory(root, path, storage::Missing::is_an_error);
    if (!directory) return;
    for (const auto& name : log_names(directory->get())) {
        const UniqueFd file(
            ::openat(directory->get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!file) continue;
        auto text = read_to_end(file.get(), name, ErrorKind::card, largest_log_kept);
        const bool is_there = std::ranges::find(logs, name, &KeptLog::name) != logs.end();
        if (text && !is_there) logs.push_back({name, std::move(*text)});
    }
}

}  // namespace

std::string_view log_directory_of(int root) {
    const auto resolved = storage::resolved_in_root(root, rescue_log_directory);
    auto in_memory = memory_mounts(root);
    in_memory.insert(in_memory.end(), directories_in_memory.begin(), directories_in_memory.end());
    const bool is_lost = resolved.empty() || std::ranges::any_of(in_memory, [&](const auto& directory) {
                             return is_below(resolved, directory);
                         });
    return is_lost ? persistent_log_directory : rescue_log_directory;
}

std::vector<KeptLog> read_rescue_logs(int root) {
    std::vector<KeptLog> logs;
    add_logs(logs, root, persistent_log_directory);
    add_logs(logs, root, rescue_log_directory);
    std::ranges::sort(logs, {}, [](const KeptLog& log) { return number_in(log.name).value_or(0); });
    return logs;
}

std::string next_log_name(const std::vector<KeptLog>& earlier, std::string_view subject) {
    unsigned highest = 0;
    for (const auto& log : earlier) highest = std::max(highest, number_in(log.name).value_or(0));
    std::string number = std::to_string(highest + 1);
    if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
    return number + "-" + std::string(subject) + ".log";
}

std::vector<KeptLog> logs_to_carry_over(std::vector<KeptLog> earlier) {
    if (earlier.size() >= rescue_logs_kept)
        earlier.erase(earlier.begin(), earlier.end() - static_cast<std::ptrdiff_t>(rescue_logs_kept - 1));
    return earlier;
}

Expected<void> write_rescue_logs(int root, const std::vector<KeptLog>& logs) {
    auto directory =
        TRY(storage::open_installed_directory(root, log_directory_of(root), storage::Missing::is_created));
    for (const auto& log : logs) TRY(storage::write_installed_file(directory.get(), log.name, log.text));
    return {};
}

}  // namespace mox::update
