#include "snapshots/entry_state_xattrs.hpp"

#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <string_view>

namespace mox::snapshots {

namespace {

using Xattrs = std::map<std::string, std::string, std::less<>>;

/// The entry as a path that ends in its name: the l...xattr calls take symlinks as they are, and no path of
/// the tree is walked again.
std::string path_of(int directory, const std::string& name) {
    return "/proc/self/fd/" + std::to_string(directory) + "/" + name;
}

/// Calls a getxattr-like function until its answer fits.
template <typename Get>
std::expected<std::string, int> all_of(const Get& get) {
    std::string answer;
    for (;;) {
        const ssize_t needed = get(nullptr, 0);
        if (needed < 0) return std::unexpected(errno);
        if (needed == 0) return std::string();
        answer.resize(static_cast<std::size_t>(needed));
        const ssize_t got = get(answer.data(), answer.size());
        if (got >= 0) {
            answer.resize(static_cast<std::size_t>(got));
            return answer;
        }
        if (errno != ERANGE) return std::unexpected(errno);  // ERANGE: it has grown meanwhile
    }
}

std::expected<Xattrs, int> xattrs_of(int directory, const std::string& entry) {
    const auto path = path_of(directory, entry);
    const auto names =
        all_of([&](char* buffer, std::size_t size) { return ::llistxattr(path.c_str(), buffer, size); });
    if (!names && names.error() == ENOTSUP) return Xattrs();
    if (!names) return std::unexpected(names.error());

    Xattrs found;
    for (std::string_view rest = *names; !rest.empty();) {
        const std::string name(rest.substr(0, rest.find('\0')));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        auto value = all_of([&](char* buffer, std::size_t size) {
            return ::lgetxattr(path.c_str(), name.c_str(), buffer, size);
        });
        if (!value && value.error() == ENODATA) continue;  // removed meanwhile
        if (!value) return std::unexpected(value.error());
        found.emplace(name, std::move(*value));
    }
    return found;
}

}  // namespace

std::expected<bool, int> same_xattrs(const EntryPair& pair) {
    const auto left = TRY(xattrs_of(pair.left_directory, pair.name));
    const auto right = TRY(xattrs_of(pair.right_directory, pair.name));
    return left == right;
}

}  // namespace mox::snapshots
