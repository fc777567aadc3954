#include "modes/rescue_log.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "base/units.hpp"
#include "modes/installed_file.hpp"

namespace mox::modes {

namespace {

using namespace unit_literals;

constexpr Bytes largest_log_kept = 1_MiB;

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

/// "0007-reflash.log" -> 7; nothing for other names.
std::optional<unsigned> number_in(std::string_view name) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || !name.ends_with(".log") || *end != '-') return std::nullopt;
    return number;
}

std::vector<std::string> log_names(int folder) {
    std::vector<std::string> names;
    UniqueFd copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!copy) return names;
    const Folder stream(::fdopendir(copy.get()));
    if (!stream) return names;
    (void)copy.release();  // belongs to the stream now
    while (const dirent* entry = ::readdir(stream.get()))
        if (number_in(entry->d_name)) names.emplace_back(entry->d_name);
    return names;
}

}  // namespace

std::vector<KeptLog> read_rescue_logs(int root) {
    std::vector<KeptLog> logs;
    const auto folder = open_installed_folder(root, rescue_log_folder, Missing::is_an_error);
    if (!folder) return logs;
    for (const auto& name : log_names(folder->get())) {
        const UniqueFd file(
            ::openat(folder->get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!file) continue;
        auto text = read_to_end(file.get(), name, ErrorKind::card, largest_log_kept);
        if (text) logs.push_back({name, std::move(*text)});
    }
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
    auto folder = open_installed_folder(root, rescue_log_folder, Missing::is_created);
    if (!folder) return pass_on(folder);
    for (const auto& log : logs)
        if (auto written = write_installed_file(folder->get(), log.name, log.text); !written) return written;
    return {};
}

}  // namespace mox::modes
