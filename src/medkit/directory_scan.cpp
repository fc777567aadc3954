#include "medkit/directory_scan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor_path.hpp"
#include "base/directory.hpp"
#include "base/interruption.hpp"
#include "base/unique_fd.hpp"

namespace mox::medkit {

namespace {

Expected<std::vector<std::string>> sorted_names(int root, const std::string& path) {
    UniqueFd fd(::openat(root, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return fail_errno(ErrorKind::medkit, path);
    auto names = names_in_directory(std::move(fd));
    if (!names) return fail_errno(ErrorKind::medkit, path, names.error());
    std::ranges::sort(*names);
    return std::move(*names);
}

Expected<std::string> symlink_target(int root, const std::string& path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(root, path.c_str(), target.data(), target.size());
    if (length < 0) return fail_errno(ErrorKind::medkit, path);
    target.resize(static_cast<std::size_t>(length));
    return target;
}

/// A value whose size the kernel returns for an empty buffer. Repeats the calls when the value has grown.
template <typename Call>
Expected<std::string> read_sized_value(const std::string& path, Call call) {
    for (;;) {
        const ssize_t size = call(nullptr, 0);
        if (size < 0) return fail_errno(ErrorKind::medkit, path);
        std::string value(static_cast<std::size_t>(size), '\0');
        const ssize_t length = call(value.data(), value.size());
        if (length < 0 && errno == ERANGE) continue;
        if (length < 0) return fail_errno(ErrorKind::medkit, path);
        value.resize(static_cast<std::size_t>(length));
        return value;
    }
}

Expected<std::vector<std::pair<std::string, std::string>>> xattrs_of(int root, const std::string& path) {
    const auto whole = descriptor_path(root, path);
    const auto list = [&](char* to, std::size_t size) -> ssize_t {
        const ssize_t length = ::llistxattr(whole.c_str(), to, size);
        return length < 0 && errno == ENOTSUP ? 0 : length;  // the file system has no attributes
    };
    auto names = TRY(read_sized_value(path, list), "extended attributes");
    std::vector<std::pair<std::string, std::string>> xattrs;
    for (std::string_view rest(names); !rest.empty();) {
        const std::string name(rest.substr(0, rest.find('\0')));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        const auto get = [&](char* to, std::size_t size) {
            return ::lgetxattr(whole.c_str(), name.c_str(), to, size);
        };
        auto value = TRY(read_sized_value(path, get), "extended attribute " + name);
        xattrs.emplace_back(name, std::move(value));
    }
    std::ranges::sort(xattrs);
    return xattrs;
}

class Scan {
public:
    explicit Scan(int root) : root_(root) {}

    /// Scans `path` and everything below it.
    Expected<void> add(const std::string& path) {
        TRY(fail_if_stopped());
        auto entry = TRY(scan_entry(path));
        const bool is_directory = S_ISDIR(entry.status.st_mode);
        entries_.push_back(std::move(entry));
        if (!is_directory) return {};
        auto names = TRY(sorted_names(root_, path));
        for (const auto& name : names) {
            std::string child = path;
            child += '/';
            child += name;
            TRY(add(child));
        }
        return {};
    }

    [[nodiscard]] std::vector<ScannedEntry> take() { return std::move(entries_); }

private:
    Expected<ScannedEntry> scan_entry(const std::string& path) {
        ScannedEntry entry;
        entry.path = path;
        if (::fstatat(root_, path.c_str(), &entry.status, AT_SYMLINK_NOFOLLOW) != 0)
            return fail_errno(ErrorKind::medkit, path);
        if (S_ISLNK(entry.status.st_mode)) {
            auto target = TRY(symlink_target(root_, path));
            entry.symlink_target = std::move(target);
        }
        if (entry.status.st_nlink > 1 && !S_ISDIR(entry.status.st_mode)) {
            const auto [first, is_new] =
                first_names_.try_emplace({entry.status.st_dev, entry.status.st_ino}, path);
            if (!is_new) entry.hard_link_to = first->second;
        }
        auto xattrs = TRY(xattrs_of(root_, path));
        entry.xattrs = std::move(xattrs);
        return entry;
    }

    int root_;
    std::vector<ScannedEntry> entries_;
    std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
};

}  // namespace

Expected<std::vector<ScannedEntry>> scan_directory(int root) {
    Scan scan(root);
    TRY(scan.add("."));
    return scan.take();
}

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

/// Whether `others` has an entry at the same path.
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
    std::string directory;  // the last one that is left out, with a slash: its content follows
    std::set<std::string> left_out_files;
    std::map<std::string, std::string> new_first_names;  // of these files, by the old first name
    for (auto& entry : entries) {
        const bool is_below = !directory.empty() && entry.path.starts_with(directory);
        if (is_below || (entry.path != "." && left_out(entry))) {
            if (!is_below && is_directory(entry)) directory = entry.path + "/";
            if (!is_directory(entry)) left_out_files.insert(entry.path);
            continue;
        }
        if (left_out_files.contains(entry.hard_link_to)) {
            const auto [first, is_new] = new_first_names.try_emplace(entry.hard_link_to, entry.path);
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
