#pragma once

#include <functional>
#include <string>
#include <vector>

#include "medkit/directory_names.hpp"
#include "medkit/medkit_files.hpp"

namespace mox::medkit {

/// One sentence for each name that looks like a part of a medkit, but is in none of `medkits`: what it is and
/// what to do. `is_directory` is asked about such names. Pure but for that.
[[nodiscard]] std::vector<std::string> explain_unused_names(
    const DirectoryNames& names, const std::vector<MedkitFiles>& medkits,
    const std::function<bool(const std::string&)>& is_directory);

}  // namespace mox::medkit
