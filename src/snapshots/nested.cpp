#include "snapshots/nested.hpp"

#include <algorithm>
#include <cstddef>

#include "snapshots/description.hpp"
#include "storage/subvolume.hpp"

namespace mox::snapshots {

namespace {

/// More names than these make a sentence too long to read; Docker has hundreds.
constexpr std::size_t most_named = 8;

}  // namespace

Expected<std::vector<std::string>> nested_names(const TopLevel& top, const std::string& name) {
    auto names = storage::nested_subvolumes(top.directory(), name);
    if (!names) return names;
    for (auto& one : *names) one = escaped_for_display(one);
    return names;
}

std::string nested_text(const std::vector<std::string>& names) {
    std::string text = names.size() == 1 ? "a subvolume of its own ("
                                         : std::to_string(names.size()) + " subvolumes of their own (";
    const auto named = std::min(names.size(), most_named);
    for (std::size_t i = 0; i < named; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (named < names.size()) text += " and " + std::to_string(names.size() - named) + " more";
    return text + ")";
}

}  // namespace mox::snapshots
