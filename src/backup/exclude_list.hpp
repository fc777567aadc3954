#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::backup {

/// What an export leaves out, by patterns as GNU tar reads them with --exclude-from: one a line; `*`, `?` and
/// `[...]` also match slashes; a pattern counts from the start of a member's path ("./tmp/*") or from behind
/// any slash in it ("lost+found", "cache/*.tmp"), and takes everything below what it matches with it. Blanks
/// around a line and empty lines mean nothing. Pure.
class ExcludeList {
public:
    void add_lines(std::string_view text);

    /// `path` as in an archive: "./etc/passwd".
    [[nodiscard]] bool excludes(std::string_view path) const;

    [[nodiscard]] bool empty() const { return patterns_.empty(); }

private:
    std::vector<std::string> patterns_;
};

/// All lists of a folder (/etc/schnapps/export-exclude.d); without the folder an empty one. `name`: what
/// messages call the folder. Errors (`snapshot`): one cannot be read; an export with less left out than was
/// asked for is no good.
[[nodiscard]] Expected<ExcludeList> load_exclude_lists(const std::filesystem::path& folder,
                                                       const std::string& name);

}  // namespace mox::backup
