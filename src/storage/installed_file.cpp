#include "storage/installed_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/file.hpp"

namespace mox::storage {

namespace {

/// The limit of the kernel (path_resolution(7)).
constexpr int most_links = 40;

UniqueFd open_in_root(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

/// `path` has no link before its last part: resolved_in_root has resolved them.
std::optional<std::string> target_of_link(int root, const std::filesystem::path& path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(root, path.c_str(), target.data(), target.size());
    if (length < 0) return std::nullopt;
    target.resize(static_cast<std::size_t>(length));
    return target;
}

/// Creates a new file beside `name`. An existing file with the temporary name is not ours: it is not opened
/// (a FIFO would block, a device node would be written to) but removed; if that fails, the next name is
/// tried.
Expected<std::pair<UniqueFd, std::string>> create_temporary_file(int directory, const std::string& name) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    constexpr int most_tries = 1000;
    for (int number = 0; number < most_tries; ++number) {
        auto temporary = "." + name + ".new" + (number == 0 ? "" : std::to_string(number));
        (void)::unlinkat(directory, temporary.c_str(), 0);
        UniqueFd file(::openat(directory, temporary.c_str(), flags, 0644));
        if (file) return std::pair(std::move(file), std::move(temporary));
        if (errno != EEXIST) break;
    }
    return fail_errno(ErrorKind::card, name);
}

}  // namespace

Expected<UniqueFd> open_installed_directory(int root, std::string_view path, Missing missing) {
    UniqueFd directory = open_in_root(root, ".");
    for (std::size_t start = 0; directory && start < path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const std::string so_far(path.substr(0, end));
        const std::string name(path.substr(start, end - start));
        auto next = open_in_root(root, so_far);
        if (!next && errno == ENOENT && missing == Missing::is_created) {
            if (::mkdirat(directory.get(), name.c_str(), 0755) != 0)
                return fail_errno(ErrorKind::card, so_far);
            next = open_in_root(root, so_far);
        }
        directory = std::move(next);
        start = end + 1;
    }
    if (!directory) return fail_errno(ErrorKind::card, path);
    return directory;
}

std::string resolved_in_root(int root, std::string_view path) {
    std::filesystem::path resolved;
    std::string rest(path);
    for (int links = 0; !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        const auto name = rest.substr(0, end);
        rest.erase(0, std::min(end + 1, rest.size()));
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            resolved = resolved.parent_path();
            continue;
        }
        const auto target = target_of_link(root, resolved / name);
        if (!target) {
            resolved /= name;
            continue;
        }
        if (++links > most_links) return {};
        if (target->starts_with('/')) resolved.clear();
        rest = *target + "/" + rest;
    }
    return resolved.native();
}

Expected<void> write_installed_file(int directory, std::string_view name, std::string_view content) {
    const std::string final_name(name);
    auto created = TRY(create_temporary_file(directory, final_name));
    const auto& [file, temporary] = created;
    TRY(write_all(file.get(), content, name, ErrorKind::card));
    if (::renameat(directory, temporary.c_str(), directory, final_name.c_str()) != 0)
        return fail_errno(ErrorKind::card, name);
    return {};
}

}  // namespace mox::storage
