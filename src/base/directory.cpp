#include "base/directory.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace mox {

namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

UniqueFd open_again(int directory) {
    return UniqueFd(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::expected<void, int> for_each_entry(UniqueFd directory,
                                        const std::function<void(std::string_view, unsigned char)>& entry) {
    const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(directory.get()));
    if (!stream) return std::unexpected(errno);
    (void)directory.release();  // `stream` closes it
    for (;;) {
        errno = 0;
        const dirent* const found = ::readdir(stream.get());
        if (found == nullptr) break;
        const std::string_view name = found->d_name;
        if (name != "." && name != "..") entry(name, found->d_type);
    }
    if (errno != 0) return std::unexpected(errno);
    return {};
}

std::expected<std::vector<std::string>, int> names_in_directory(UniqueFd directory) {
    std::vector<std::string> names;
    const auto read =
        for_each_entry(std::move(directory),
                       [&](std::string_view name, unsigned char /*type*/) { names.emplace_back(name); });
    if (!read) return std::unexpected(read.error());
    return names;
}

}  // namespace mox
