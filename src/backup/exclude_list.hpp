#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::backup {

/// Patterns for members that an export leaves out, in the format of GNU tar's --exclude-from: one in each
/// line;
/// `*`, `?` and `[...]` also match slashes. A pattern matches from the start of a member's path ("./tmp/*")
/// or after any slash in it ("lost+found", "cache/*.tmp"), and excludes everything below a matching
/// directory. Blanks around a line and empty lines are ignored. Pure.
class ExcludeList {
public:
    void add_lines(std::string_view text);

    /// Whether a pattern matches `path`, which is in the form of an archive: "./etc/passwd".
    [[nodiscard]] bool excludes(std::string_view path) const;

    [[nodiscard]] bool empty() const { return patterns_.empty(); }

private:
    std::vector<std::string> patterns_;
};

/// Reads all lists of a directory (/etc/schnapps/export-exclude.d); empty if the directory does not exist.
/// `name` is the name of the directory in messages. Errors (`snapshot`): a list cannot be read; an export
/// must not contain files that the user has excluded.
[[nodiscard]] Expected<ExcludeList> load_exclude_lists(const std::filesystem::path& directory,
                                                       const std::string& name);

}  // namespace mox::backup
