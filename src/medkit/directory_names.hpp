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

/// The names of one directory, and which of them belong together. Pure. The order of preference is that of
/// group_medkits.
class DirectoryNames {
public:
    explicit DirectoryNames(std::vector<std::string> names);

    [[nodiscard]] const std::set<std::string>& all() const { return exact_; }

    /// Precondition: `name` is one of all().
    [[nodiscard]] const FileName& read(const std::string& name) const { return read_.at(name); }

    /// The signature or checksum of `file`, which need not be in the directory.
    [[nodiscard]] std::optional<std::string> find_companion(const std::string& file,
                                                            Companion companion) const;
    [[nodiscard]] std::optional<std::string> find_extra(const std::string& archive) const;
    [[nodiscard]] std::optional<std::string> find_rescue_image(const std::string& archive) const;

    /// An extra archive goes with its base; it is no medkit of its own. The extra of an extra is not known.
    [[nodiscard]] bool belongs_to_a_base(const std::string& archive) const;

private:
    /// What a name has to be.
    struct Wanted {
        std::string stem;
        Ending ending = Ending::archive;
        Companion companion = Companion::none;
        std::string mark;
    };

    /// By exact name, then by the same name in other letters.
    [[nodiscard]] std::optional<std::string> find_same_letters(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> find_altered(const Wanted& wanted) const;
    [[nodiscard]] bool has_base(const std::string& stem) const;

    std::set<std::string> exact_;
    std::set<std::pair<std::string, std::string>> by_lower_;
    std::map<std::string, FileName> read_;
};

/// `archive` with all that stands beside it.
[[nodiscard]] MedkitFiles files_beside(const DirectoryNames& names, const std::string& archive);

/// One sentence for each name that looks like a part of a medkit, but is in none of `medkits`: what it is and
/// what to do. `is_directory` is asked about such names. Pure but for that.
[[nodiscard]] std::vector<std::string> explain_unused_names(
    const DirectoryNames& names, const std::vector<MedkitFiles>& medkits,
    const std::function<bool(const std::string&)>& is_directory);

}  // namespace mox::medkit
