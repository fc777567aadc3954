#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "medkit/file_name.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

/// Finds out which names of one directory belong together. Pure. The order of preference is that of
/// group_medkits.
class DirectoryNames {
public:
    explicit DirectoryNames(std::vector<std::string> names);

    [[nodiscard]] const std::set<std::string>& all() const { return exact_; }

    /// Precondition: `name` is one of all().
    [[nodiscard]] const FileName& read(const std::string& name) const { return read_.at(name); }

    /// The signature or checksum of `file`; `file` itself need not be in the directory.
    [[nodiscard]] std::optional<std::string> find_companion(const std::string& file,
                                                            Companion companion) const;
    [[nodiscard]] std::optional<std::string> find_extra(const std::string& archive) const;
    [[nodiscard]] std::optional<std::string> find_rescue_image(const std::string& archive) const;

    /// Whether `archive` is an extra archive whose base is in the directory; it is not a medkit of its own
    /// then. An extra archive of an extra archive does not exist.
    [[nodiscard]] bool belongs_to_a_base(const std::string& archive) const;

private:
    /// Properties of the name that is searched.
    struct Wanted {
        std::string stem;
        Ending ending = Ending::archive;
        Companion companion = Companion::none;
        std::string mark;
    };

    /// Searches the exact name, then the same name in letters of the other case.
    [[nodiscard]] std::optional<std::string> find_same_letters(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> find_altered(const Wanted& wanted) const;
    [[nodiscard]] bool has_base(const std::string& stem) const;

    std::set<std::string> exact_;
    std::set<std::pair<std::string, std::string>> by_lower_;
    std::map<std::string, FileName> read_;
};

/// `archive` with all files that belong to it.
[[nodiscard]] MedkitFiles files_beside(const DirectoryNames& names, const std::string& archive);

/// One message for each name that looks like a part of a medkit, but is in none of `medkits`: what it is and
/// what to do. Calls `is_directory` for such names. Pure otherwise.
[[nodiscard]] std::vector<std::string> explain_unused_names(
    const DirectoryNames& names, const std::vector<MedkitFiles>& medkits, const NamePattern& pattern,
    const std::function<bool(const std::string&)>& is_directory);

}  // namespace mox::medkit
