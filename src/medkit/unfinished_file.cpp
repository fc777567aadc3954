#include "medkit/unfinished_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/file.hpp"

namespace mox::medkit {

UnfinishedFile::UnfinishedFile(std::filesystem::path path, std::filesystem::path temporary, UniqueFd file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

UnfinishedFile::UnfinishedFile(UnfinishedFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)) {}

UnfinishedFile::~UnfinishedFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Expected<UnfinishedFile> UnfinishedFile::beside(const std::filesystem::path& path) {
    auto temporary = path;
    temporary += ".new";
    auto file = open_file(temporary, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, ErrorKind::medkit);
    if (!file) return pass_on(file);
    return UnfinishedFile(path, std::move(temporary), std::move(*file));
}

Expected<void> UnfinishedFile::finish() {
    if (::fsync(file_.get()) != 0) return fail_errno(ErrorKind::medkit, temporary_.native());
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
        return fail_errno(ErrorKind::medkit, path_.native());
    temporary_.clear();
    return {};
}

}  // namespace mox::medkit
