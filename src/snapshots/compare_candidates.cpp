#include "snapshots/compare_candidates.hpp"

#include <algorithm>

namespace mox::snapshots {

namespace {

void sort_and_make_unique(std::vector<std::string>& paths) {
    std::ranges::sort(paths);
    const auto repeated = std::ranges::unique(paths);
    paths.erase(repeated.begin(), repeated.end());
}

/// True when one of the sorted `paths` is `path` or an ancestor of it.
bool is_covered(std::string_view path, const std::vector<std::string>& paths) {
    for (;;) {
        if (std::ranges::binary_search(paths, path, std::less<>())) return true;
        if (path.empty()) return false;
        const auto slash = path.rfind('/');
        path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    }
}

std::string_view parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

bool is_within(std::string_view path, std::string_view ancestor) {
    return ancestor.empty() || path == ancestor ||
           (path.starts_with(ancestor) && path[ancestor.size()] == '/');
}

std::string joined(std::string_view directory, std::string_view name) {
    if (directory.empty()) return std::string(name == "." ? "" : name);
    if (name == ".") return std::string(directory);
    return std::string(directory).append("/").append(name);
}

Candidates without_repetition(Candidates candidates) {
    auto& alone = candidates.alone;
    auto& whole = candidates.whole;
    sort_and_make_unique(whole);
    const auto all_whole = whole;
    std::erase_if(whole, [&](const std::string& path) {
        return !path.empty() && is_covered(parent_of(path), all_whole);
    });
    sort_and_make_unique(alone);
    std::erase_if(alone, [&](const std::string& path) { return is_covered(path, whole); });
    return candidates;
}

Candidates restricted_to(std::string_view below, Candidates candidates) {
    auto& alone = candidates.alone;
    auto& whole = candidates.whole;
    const bool all_of_it =
        std::ranges::any_of(whole, [&](const std::string& path) { return is_within(below, path); });
    if (all_of_it) return {.alone = {}, .whole = {std::string(below)}};
    const auto outside = [&](const std::string& path) { return !is_within(path, below); };
    std::erase_if(alone, outside);
    std::erase_if(whole, outside);
    return candidates;
}

}  // namespace mox::snapshots
