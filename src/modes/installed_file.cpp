#include "modes/installed_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/file.hpp"

namespace mox::modes {

namespace {

UniqueFd open_in_root(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

}  // namespace

Expected<UniqueFd> open_installed_folder(int root, std::string_view path, Missing missing) {
    UniqueFd folder = open_in_root(root, ".");
    for (std::size_t start = 0; folder && start < path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const std::string so_far(path.substr(0, end));
        const std::string name(path.substr(start, end - start));
        auto next = open_in_root(root, so_far);
        if (!next && errno == ENOENT && missing == Missing::is_created) {
            if (::mkdirat(folder.get(), name.c_str(), 0755) != 0) return fail_errno(ErrorKind::card, so_far);
            next = open_in_root(root, so_far);
        }
        folder = std::move(next);
        start = end + 1;
    }
    if (!folder) return fail_errno(ErrorKind::card, path);
    return folder;
}

Expected<void> write_installed_file(int folder, std::string_view name, std::string_view content) {
    const std::string final_name(name);
    const std::string temporary = "." + final_name + ".new";
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    const UniqueFd file(::openat(folder, temporary.c_str(), flags, 0644));
    if (!file) return fail_errno(ErrorKind::card, name);
    if (auto written = write_all(file.get(), content, name, ErrorKind::card); !written) return written;
    if (::renameat(folder, temporary.c_str(), folder, final_name.c_str()) != 0)
        return fail_errno(ErrorKind::card, name);
    return {};
}

}  // namespace mox::modes
