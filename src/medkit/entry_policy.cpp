#include "medkit/entry_policy.hpp"

#include <algorithm>
#include <utility>

namespace mox::medkit {

namespace {

// Linux: NAME_MAX, and PATH_MAX without its NUL.
constexpr std::size_t longest_component = 255;
constexpr std::size_t longest_path = 4095;

std::unexpected<Error> reject(std::string reason) {
    return fail(ErrorKind::medkit, std::move(reason));
}

/// For messages: control characters would play tricks on the console, and a name may be a megabyte.
std::string shown(std::string_view name) {
    constexpr std::size_t enough = 200;
    std::string text(name.substr(0, enough));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return name.size() > enough ? text + "..." : text;
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

std::string listed(const std::vector<std::string>& alternatives) {
    std::string text;
    for (const auto& name : alternatives) text += (text.empty() ? "" : " or ") + name;
    return text;
}

}  // namespace

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
        if (auto good = check_component(component); !good) return pass_on(good);
        if (!normal.empty()) normal += '/';
        normal += component;
    }
    return normal;
}

EntryPolicy::EntryPolicy(const ArchiveRules& rules) : rules_(rules) {
    if (rules.unpacked_over != nullptr) contents_ = *rules.unpacked_over;
}

Expected<AcceptedEntry> EntryPolicy::accept(const EntryDescription& entry) {
    const auto checked = [&]() -> Expected<AcceptedEntry> {
        AcceptedEntry accepted;
        if (auto counted = count(entry); !counted) return pass_on(counted);
        auto path = normal_path(entry.path);
        if (!path) return pass_on(path);
        accepted.path = std::move(*path);
        const auto kind = check_kind(entry, accepted);
        if (!kind) return std::unexpected(kind.error());
        if (auto reachable = check_parents(accepted.path); !reachable) return pass_on(reachable);
        if (auto placed = place(accepted.path, *kind); !placed) return pass_on(placed);
        return accepted;
    };
    auto result = checked();
    if (!result) return pass_on(result, shown(entry.path));
    return result;
}

Expected<void> EntryPolicy::count(const EntryDescription& entry) {
    ++entries_;
    if (auto bearable = count_name(entry.path); !bearable) return bearable;
    if (entry.size < 0) return reject("a negative size");
    if (entry.kind != EntryKind::regular && entry.size != 0) return reject("only a file may have content");
    const Bytes size{static_cast<std::uint64_t>(entry.size)};
    if (size > rules_.capacity - unpacked_)
        return reject("the content does not fit: unpacked it is more than " + to_text(rules_.capacity) +
                      ". Use a larger card, or another medkit");
    unpacked_ += size;
    return {};
}

/// Every name that has to be remembered, also those of directories that the archive implies.
Expected<void> EntryPolicy::count_name(std::string_view path) {
    names_ += Bytes{path.size()};
    if (++nodes_ > rules_.max_entries)
        return reject("more than " + std::to_string(rules_.max_entries) +
                      " members: this is not a router's system");
    if (names_ > rules_.max_names)
        return reject("the names of the members take more than " + to_text(rules_.max_names) +
                      ": this is not a router's system");
    return {};
}

Expected<NodeKind> EntryPolicy::check_kind(const EntryDescription& entry, AcceptedEntry& accepted) const {
    if (accepted.path.empty() && entry.kind != EntryKind::directory)
        return reject("the root of the system must be a directory");
    switch (entry.kind) {
        case EntryKind::regular:
            if (entry.path.ends_with('/')) return reject("a file with the name of a directory");
            return entry.size == 0 ? NodeKind::empty_file : NodeKind::filled_file;
        case EntryKind::directory:
            return NodeKind::directory;
        case EntryKind::symlink:
            accepted.link_target = entry.link_target;
            if (auto good = check_symlink_target(entry.link_target); !good) return pass_on(good);
            return NodeKind::symlink;
        case EntryKind::hard_link:
            return check_hard_link(entry, accepted);
        case EntryKind::character_device:
        case EntryKind::block_device:
        case EntryKind::fifo:
            return NodeKind::special;
        case EntryKind::unknown:
            break;
    }
    return reject("a kind of member that a root file system cannot have");
}

Expected<NodeKind> EntryPolicy::check_hard_link(const EntryDescription& entry,
                                                AcceptedEntry& accepted) const {
    auto target = normal_path(entry.link_target);
    if (!target) return pass_on(target, "hard link to \"" + shown(entry.link_target) + "\"");
    accepted.link_target = std::move(*target);
    if (accepted.link_target == accepted.path) return reject("a hard link to itself");
    const auto* kind = contents_.find(accepted.link_target);
    if (kind == nullptr || !is_file(*kind))
        return reject("hard link to \"" + shown(entry.link_target) + "\", which is not an earlier file");
    return *kind;
}

/// Every directory on the way must be one; those that the archive does not name are created.
Expected<void> EntryPolicy::check_parents(std::string_view path) {
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        const auto parent = path.substr(0, slash);
        const auto* kind = contents_.find(parent);
        if (kind == nullptr) {
            if (auto bearable = count_name(parent); !bearable) return bearable;
            contents_.put(parent, NodeKind::directory);
        } else if (*kind == NodeKind::symlink) {
            return reject("the path goes through the symbolic link \"" + shown(parent) + "\"");
        } else if (*kind != NodeKind::directory) {
            return reject("the path goes through \"" + shown(parent) + "\", which is not a directory");
        }
    }
    return {};
}

Expected<void> EntryPolicy::place(std::string_view path, NodeKind kind) {
    if (path.empty()) return {};
    const auto* earlier = contents_.find(path);
    if (earlier != nullptr && *earlier == NodeKind::directory && kind != NodeKind::directory &&
        contents_.has_children(path))
        return reject("would replace a directory that is not empty");
    contents_.put(path, kind);
    return {};
}

Expected<void> EntryPolicy::finish() const {
    for (const auto& group : rules_.required_files) {
        const bool found = std::ranges::any_of(
            group, [this](const std::string& file) { return contents_.holds_filled_file(file); });
        if (!found)
            return reject("does not hold " + listed(group) +
                          " as a file with content: a router could not boot from it. Use a medkit for this "
                          "router");
    }
    return {};
}

}  // namespace mox::medkit
