#include "medkit/entry_policy.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "medkit/link_resolution.hpp"

namespace mox::medkit {

namespace {

// Linux: NAME_MAX, and PATH_MAX without its NUL.
constexpr std::size_t longest_component = 255;
constexpr std::size_t longest_path = 4095;

/// btrfs: BTRFS_LINK_MAX (fs/btrfs/ctree.h).
constexpr std::uint32_t most_names_of_a_file = 65'535;
/// btrfs stores names of one directory with the same hash in one item, which must fit into a leaf of 16 KiB:
/// at most 56 of the longest names. Even three such names do not occur by chance.
constexpr std::size_t most_names_with_one_hash = 50;

/// Memory that unpacking needs for a member: a hash of its path in a set (TreeWriter).
constexpr Bytes memory_per_member{48};
/// Additional memory for a directory, without its path and its extended attributes.
constexpr Bytes memory_per_directory{256};

std::unexpected<Error> reject(std::string reason, Hint hint = {}) {
    return fail(ErrorKind::medkit, std::move(reason), std::move(hint));
}

Expected<void> check_component(std::string_view component) {
    if (component == "..") return reject("the path leads upwards (\"..\")");
    if (component.size() > longest_component)
        return reject("a name in the path is longer than " + std::to_string(longest_component) + " bytes");
    return {};
}

Expected<void> check_symlink_target(std::string_view target) {
    if (target.empty()) return reject("a symbolic link without a target");
    if (target.size() > longest_path) return reject("the target of the symbolic link is too long");
    if (target.contains('\0')) return reject("the target of the symbolic link contains a NUL byte");
    return {};
}

std::string below(const std::string& directory, std::string_view name) {
    std::string path = directory;
    if (!path.empty()) path += '/';
    return path += name;
}

NodeKind node_kind(const EntryDescription& entry) {
    switch (entry.kind) {
        case EntryKind::regular:
            return entry.size == 0 ? NodeKind::empty_file : NodeKind::filled_file;
        case EntryKind::directory:
            return NodeKind::directory;
        case EntryKind::symlink:
            return NodeKind::symlink;
        default:
            return NodeKind::special;
    }
}

/// Checks an entry alone, without the tree.
Expected<void> check_kind(const EntryDescription& entry, bool is_root) {
    if (entry.kind == EntryKind::unknown)
        return reject("a kind of member that a root file system cannot have");
    if (is_root && entry.kind != EntryKind::directory)
        return reject("the root of the system must be a directory");
    if (entry.kind == EntryKind::regular && entry.path.ends_with('/'))
        return reject("a file with the name of a directory");
    if (entry.kind == EntryKind::symlink) return check_symlink_target(entry.link_target);
    return {};
}

}  // namespace

std::string printable(std::string_view name) {
    constexpr std::size_t enough = 200;
    std::string text(name.substr(0, enough));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return name.size() > enough ? text + "..." : text;
}

Expected<std::string> normal_path(std::string_view path) {
    if (path.empty()) return reject("an empty path");
    if (path.size() > longest_path) return reject("the path is longer than 4095 bytes");
    if (path.contains('\0')) return reject("the path contains a NUL byte");
    if (path.front() == '/') return reject("the path is absolute");

    std::string normal;
    normal.reserve(path.size());
    while (!path.empty()) {
        const auto slash = path.find('/');
        const auto component = path.substr(0, slash);
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        if (component.empty() || component == ".") continue;
        TRY(check_component(component));
        if (!normal.empty()) normal += '/';
        normal += component;
    }
    return normal;
}

FileGroups groups_without_file(const ArchiveContents& contents, const FileGroups& groups) {
    FileGroups missing;
    for (const auto& group : groups)
        if (std::ranges::none_of(group, [&](const auto& file) { return contents.holds_filled_file(file); }))
            missing.push_back(group);
    return missing;
}

std::vector<std::string> first_names(const FileGroups& groups) {
    std::vector<std::string> names;
    for (const auto& group : groups) names.push_back(group.front());
    return names;
}

std::string describe_missing(const std::vector<std::string>& group) {
    return "does not hold " + joined(group, " or ") + " as a file with content";
}

EntryPolicy::EntryPolicy(const ArchiveRules& rules) : rules_(rules) {
    if (rules.unpacked_over == nullptr) return;
    contents_ = *rules.unpacked_over;
    first_own_file_ = contents_.next_file();
    below_ = contents_.memory();
}

Expected<AcceptedEntry> EntryPolicy::accept(const EntryDescription& entry) {
    auto result = check(entry);
    if (!result) return pass_on(result, printable(entry.path));
    return result;
}

Expected<AcceptedEntry> EntryPolicy::check(const EntryDescription& entry) {
    ++entries_;
    TRY(count_content(entry));
    auto path = TRY(normal_path(entry.path));
    TRY(check_kind(entry, path.empty()));
    auto place = TRY(find_place(path, entry.kind, Missing::is_created));
    AcceptedEntry accepted{.path = std::move(place.path),
                           .link_target = std::string(entry.link_target),
                           .is_followed_link = place.is_followed_link};
    if (accepted.path.size() > longest_path)
        return reject("the path is longer than 4095 bytes where the symbolic links lead");
    TRY(put(entry, accepted));
    TRY(check_memory(entry));
    return accepted;
}

Expected<void> EntryPolicy::count_content(const EntryDescription& entry) {
    if (entry.size < 0) return reject("a negative size");
    if (entry.kind != EntryKind::regular && entry.size != 0) return reject("only a file may have content");
    const Bytes size{static_cast<std::uint64_t>(entry.size)};
    if (size > rules_.capacity - unpacked_)
        return std::unexpected(
            Error(ErrorKind::medkit,
                  "the content does not fit: unpacked it is more than " + to_text(rules_.capacity), EFBIG)
                .with_hint({"use a larger card, or another medkit"}));
    unpacked_ += size;
    return {};
}

/// Counts the memory that is held until the end, here and in unpacking. TreeWriter bounds its queued jobs and
/// pending hard links itself.
Expected<void> EntryPolicy::check_memory(const EntryDescription& entry) {
    if (entry.kind == EntryKind::directory)
        attributes_ += memory_per_directory + Bytes{2 * entry.path.size() + entry.attributes};
    const Bytes names = below_ + contents_.memory() + memory_per_member * contents_.size();
    if (names + attributes_ <= rules_.memory) return {};
    const auto limit =
        to_text(rules_.memory) + " of memory, " + rules_.memory_reason + ": this is not a router's system";
    if (attributes_ > names) return reject("the attributes of the directories take more than " + limit);
    return reject("the names of the members take more than " + limit);
}

/// The path of the directory behind `path`, without symlinks.
Expected<std::string> EntryPolicy::find_directory(std::string_view path, Missing missing) {
    std::string place;
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        auto entered = TRY(enter(below(place, path.substr(0, slash)), missing));
        place = std::move(entered);
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return place;
}

/// `place` as a parent directory of an entry; creates it if the archive does not name it.
Expected<std::string> EntryPolicy::enter(std::string place, Missing missing) {
    const auto kind = contents_.find(place);
    if (!kind && missing == Missing::is_created) contents_.put(place, NodeKind::directory);
    if (!kind || *kind == NodeKind::directory) return place;
    if (*kind != NodeKind::symlink)
        return reject("the path goes through \"" + printable(place) + "\", which is not a directory");
    const bool is_implied = followed_.find(place) == nullptr;
    const bool is_absolute = contents_.symlink_target(place).starts_with('/');
    if (is_implied && (is_own_link(place) || is_absolute))
        return reject("the path goes through the symbolic link \"" + printable(place) + "\"");
    return follow(place);
}

/// The directory behind a symlink; records that the link is followed.
Expected<std::string> EntryPolicy::follow(const std::string& link) {
    auto resolved = resolve_directory(contents_, link);
    if (resolved.result != ResolutionResult::directory)
        return reject("the path goes through the symbolic link \"" + printable(link) + "\", which " +
                      std::string(describe(resolved.result)));
    const auto* known = followed_.find(link);
    if (known != nullptr && known->directory != resolved.path)
        return reject("the path goes through the symbolic link \"" + printable(link) +
                      "\", which does not lead where it led before");
    if (known == nullptr) {
        attributes_ += memory_per_directory + Bytes{link.size() + resolved.path.size()};
        followed_.add(link, {resolved.path, entries_});
    }
    return std::move(resolved.path);
}

Expected<EntryPolicy::Place> EntryPolicy::find_place(std::string_view path, EntryKind kind, Missing missing) {
    const auto slash = path.rfind('/');
    const bool is_below = slash != std::string_view::npos;
    auto directory = TRY(find_directory(path.substr(0, is_below ? slash : 0), missing));
    auto place = path.empty() ? std::string() : below(directory, path.substr(is_below ? slash + 1 : 0));
    if (kind == EntryKind::directory) return place_of_directory(std::move(place));
    return Place{.path = std::move(place)};
}

/// A directory entry follows a symlink at its path. It replaces only a symlink of the same archive whose
/// target does not exist, as a later entry replaces an earlier one.
Expected<EntryPolicy::Place> EntryPolicy::place_of_directory(std::string path) {
    if (contents_.find(path) != NodeKind::symlink) return Place{.path = std::move(path)};
    if (is_own_link(path) && resolve_directory(contents_, path).result == ResolutionResult::missing) {
        attributes_ += memory_per_directory + Bytes{2 * path.size()};
        const auto slash = path.rfind('/');
        auto target = path.substr(0, slash == std::string::npos ? 0 : slash + 1);
        if (contents_.symlink_target(path).starts_with('/')) target.clear();
        target += contents_.symlink_target(path);
        attributes_ += Bytes{target.size()};
        replaced_links_.insert_or_assign(path, std::move(target));
        return Place{.path = std::move(path)};
    }
    auto directory = TRY(follow(path));
    return Place{.path = std::move(directory), .is_followed_link = true};
}

Expected<void> EntryPolicy::put(const EntryDescription& entry, AcceptedEntry& accepted) {
    if (accepted.path.empty() || accepted.is_followed_link) return {};
    TRY(check_replacement(accepted.path, entry.kind));
    if (entry.kind == EntryKind::hard_link) return put_hard_link(entry, accepted);
    contents_.put(accepted.path, node_kind(entry), entry.link_target);
    return {};
}

Expected<void> EntryPolicy::check_replacement(const std::string& path, EntryKind kind) const {
    if (kind == EntryKind::directory) return {};
    if (contents_.find(path) == NodeKind::directory && contents_.has_children(path))
        return reject("would replace a directory that is not empty");
    if (followed_.find(path) != nullptr)
        return reject("would replace the symbolic link that directories of this archive go through");
    return {};
}

Expected<void> EntryPolicy::put_hard_link(const EntryDescription& entry, AcceptedEntry& accepted) {
    const auto shown_target = "hard link to \"" + printable(entry.link_target) + "\"";
    auto normal = TRY(normal_path(entry.link_target), shown_target);
    auto target = TRY(find_place(normal, EntryKind::hard_link, Missing::stays), shown_target);
    accepted.link_target = std::move(target.path);
    if (accepted.link_target == accepted.path) return reject("a hard link to itself");
    const auto file = contents_.file_at(accepted.link_target);
    if (!file) return reject(shown_target + ", which is not an earlier file");
    const bool is_there = contents_.file_at(accepted.path) == file;
    if (!is_there && contents_.names_of(accepted.link_target) >= most_names_of_a_file)
        return reject(shown_target + ", which has " + std::to_string(most_names_of_a_file) +
                      " names already: btrfs cannot give it one more");
    contents_.link(accepted.path, accepted.link_target);
    return {};
}

bool EntryPolicy::is_own_link(std::string_view path) const {
    return contents_.file_at(path).value_or(0) >= first_own_file_;
}

Expected<void> EntryPolicy::finish() const {
    if (const auto missing = groups_without_file(contents_, rules_.required_files); !missing.empty())
        return reject(describe_missing(missing.front()) + ": a router could not boot from it",
                      {"use a medkit for this router"});
    for (const auto& [link, target] : replaced_links_)
        if (resolve_directory(contents_, target).result == ResolutionResult::directory)
            return reject(
                printable(link) +
                ": a directory would replace a symbolic link to one that comes later in the archive");
    for (const auto& file : rules_.written_files) TRY(check_written_file(file));
    if (contents_.most_names_with_one_hash() > most_names_with_one_hash)
        return reject("more than " + std::to_string(most_names_with_one_hash) +
                      " names in one directory have the same hash: btrfs cannot hold them");
    return {};
}

Expected<void> EntryPolicy::check_written_file(std::string_view path) const {
    const auto purpose = ", but the installation writes " + std::string(path);
    const Hint hint{"use another medkit"};
    std::string directory;
    for (auto rest = path; rest.contains('/'); rest.remove_prefix(rest.find('/') + 1)) {
        const auto place = below(directory, rest.substr(0, rest.find('/')));
        const auto kind = contents_.find(place);
        if (!kind) return {};
        auto resolved = resolve_directory(contents_, place);
        if (*kind == NodeKind::symlink && resolved.result != ResolutionResult::directory)
            return reject(
                place + " is a symbolic link that " + std::string(describe(resolved.result)) + purpose, hint);
        if (resolved.result != ResolutionResult::directory)
            return reject(place + " is not a directory" + purpose, hint);
        directory = std::move(resolved.path);
    }
    if (contents_.find(below(directory, path.substr(path.rfind('/') + 1))) == NodeKind::directory)
        return reject(std::string(path) + " is a directory" + purpose, hint);
    return {};
}

}  // namespace mox::medkit
