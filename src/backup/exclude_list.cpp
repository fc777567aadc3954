#include "backup/exclude_list.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <system_error>

#include "base/file.hpp"
#include "snapshots/shell_lines.hpp"

namespace mox::backup {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view line) {
    const auto start = line.find_first_not_of(blanks);
    if (start == std::string_view::npos) return {};
    return line.substr(start, line.find_last_not_of(blanks) - start + 1);
}

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
    for (const auto line : snapshots::lines_of(text)) {
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

Expected<ExcludeList> load_exclude_lists(const std::filesystem::path& folder) {
    ExcludeList list;
    std::error_code trouble;
    for (auto entry = std::filesystem::directory_iterator(folder, trouble);
         !trouble && entry != std::filesystem::directory_iterator(); entry.increment(trouble)) {
        std::error_code unreadable;
        if (!entry->is_regular_file(unreadable)) continue;
        auto text = read_small_file(entry->path(), ErrorKind::snapshot);
        if (!text) return pass_on(text);
        list.add_lines(*text);
    }
    if (trouble && trouble != std::errc::no_such_file_or_directory)
        return fail_errno(ErrorKind::snapshot, folder.native(), trouble.value());
    return list;
}

}  // namespace mox::backup
