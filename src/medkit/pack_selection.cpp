#include "medkit/pack_selection.hpp"

#include <sys/stat.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace mox::medkit {

namespace {

bool is_directory(const ScannedEntry& entry) {
    return S_ISDIR(entry.status.st_mode);
}

using KindsByPath = std::map<std::string, bool, std::less<>>;  ///< true: a directory

KindsByPath kinds_of(const std::vector<ScannedEntry>& entries) {
    KindsByPath kinds;
    for (const auto& entry : entries) kinds.emplace(entry.path, is_directory(entry));
    return kinds;
}

/// The other side has something there too.
bool is_in(const ScannedEntry& entry, const KindsByPath& others) {
    return others.contains(entry.path);
}

bool are_both_directories(const ScannedEntry& entry, const KindsByPath& others) {
    const auto other = others.find(entry.path);
    return other != others.end() && other->second && is_directory(entry);
}

}  // namespace

std::vector<ScannedEntry> without(std::vector<ScannedEntry> entries, const EntryTest& left_out) {
    std::vector<ScannedEntry> kept;
    std::string directory;                     // that is left out, with a slash: its content comes next
    std::set<std::string> lost;                // files that are left out
    std::map<std::string, std::string> found;  // their other names that stay
    for (auto& entry : entries) {
        const bool is_below = !directory.empty() && entry.path.starts_with(directory);
        if (is_below || (entry.path != "." && left_out(entry))) {
            if (!is_below && is_directory(entry)) directory = entry.path + "/";
            if (!is_directory(entry)) lost.insert(entry.path);
            continue;
        }
        if (lost.contains(entry.hard_link_to)) {
            const auto [first, is_new] = found.try_emplace(entry.hard_link_to, entry.path);
            entry.hard_link_to = is_new ? std::string() : first->second;
        }
        kept.push_back(std::move(entry));
    }
    return kept;
}

OverlaidEntries overlaid(std::vector<ScannedEntry> base, std::vector<ScannedEntry> overlay) {
    const auto in_base = kinds_of(base);
    const auto in_overlay = kinds_of(overlay);
    const auto is_replaced = [&](const ScannedEntry& entry) {
        return is_in(entry, in_overlay) && !are_both_directories(entry, in_overlay);
    };
    std::erase_if(overlay, [&](const ScannedEntry& entry) {
        return entry.path == "." || are_both_directories(entry, in_base);
    });
    return {.base = without(std::move(base), is_replaced), .overlay = std::move(overlay)};
}

}  // namespace mox::medkit
