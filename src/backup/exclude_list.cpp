#include "backup/exclude_list.hpp"

#include <fcntl.h>
#include <fnmatch.h>

#include <algorithm>
#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "config/shell_lines.hpp"

namespace mox::backup {

namespace {

constexpr Bytes largest_list{64 << 10};

bool matches(const std::string& pattern, const char* text) {
    return ::fnmatch(pattern.c_str(), text, FNM_LEADING_DIR) == 0;
}

bool matches_anywhere(const std::string& pattern, const std::string& path) {
    if (matches(pattern, path.c_str())) return true;
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
        if (path[i] == '/' && path[i + 1] != '/' && matches(pattern, path.c_str() + i + 1)) return true;
    return false;
}

}  // namespace

void ExcludeList::add_lines(std::string_view text) {
    for (const auto line : config::lines_of(text)) {
        auto pattern = trimmed(line);
        // tar reads "tmp/" as the directory tmp.
        while (pattern.size() > 1 && pattern.ends_with('/')) pattern.remove_suffix(1);
        if (!pattern.empty()) patterns_.emplace_back(pattern);
    }
}

bool ExcludeList::excludes(std::string_view path) const {
    const std::string text(path);
    return std::ranges::any_of(patterns_,
                               [&](const std::string& pattern) { return matches_anywhere(pattern, text); });
}

Expected<ExcludeList> load_exclude_lists(const std::filesystem::path& directory, const std::string& name) {
    ExcludeList list;
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(directory, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (!entry->is_regular_file(ignored)) continue;
        const auto file_name = name + "/" + entry->path().filename().native();
        const UniqueFd file(::open(entry->path().c_str(), O_RDONLY | O_CLOEXEC));
        if (!file) return fail_errno(ErrorKind::snapshot, file_name);
        auto text = TRY(read_to_end(file.get(), file_name, ErrorKind::snapshot, largest_list));
        list.add_lines(text);
    }
    const bool is_missing =
        error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    if (error && !is_missing) return fail_errno(ErrorKind::snapshot, name, error.value());
    return list;
}

}  // namespace mox::backup
