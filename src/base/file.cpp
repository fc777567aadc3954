#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace mox {

Expected<UniqueFd> open_file(const std::filesystem::path& path, int flags, ErrorKind kind, unsigned mode) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!fd) return fail_errno(kind, path.native());
    return fd;
}

Expected<std::string> read_small_file(const std::filesystem::path& path, ErrorKind kind, Bytes limit) {
    auto fd = open_file(path, O_RDONLY, kind);
    if (!fd) return pass_on(fd);
    return read_to_end(fd->get(), path.native(), kind, limit);
}

Expected<std::string> read_to_end(int fd, std::string_view name, ErrorKind kind, Bytes limit) {
    std::string text;
    std::array<char, 4096> block{};
    for (;;) {
        const ssize_t got = ::read(fd, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(kind, name);
        if (got == 0) return text;
        text.append(block.data(), static_cast<std::size_t>(got));
        if (text.size() > limit.count)
            return fail(kind,
                        std::string(name) + ": larger than " + to_text(limit) + ", which cannot be right");
    }
}

Expected<void> write_all(int fd, std::string_view content, std::string_view name, ErrorKind kind) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno(kind, name);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Expected<void> write_existing_file(const std::filesystem::path& path, std::string_view content,
                                   ErrorKind kind) {
    auto fd = open_file(path, O_WRONLY | O_TRUNC, kind);
    if (!fd) return pass_on(fd);
    return write_all(fd->get(), content, path.native(), kind);
}

namespace {

Expected<void> write_and_sync(const std::filesystem::path& path, std::string_view content, ErrorKind kind,
                              unsigned mode) {
    auto fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, kind, mode);
    if (!fd) return pass_on(fd);
    if (auto written = write_all(fd->get(), content, path.native(), kind); !written) return written;
    if (::fsync(fd->get()) != 0) return fail_errno(kind, path.native());
    return {};
}

Expected<void> sync_folder(const std::filesystem::path& folder, ErrorKind kind) {
    auto fd = open_file(folder, O_RDONLY | O_DIRECTORY, kind);
    if (!fd) return pass_on(fd);
    if (::fsync(fd->get()) != 0) return fail_errno(kind, folder.native());
    return {};
}

}  // namespace

Expected<void> replace_file_durably(const std::filesystem::path& path, std::string_view content,
                                    ErrorKind kind, unsigned mode) {
    auto temporary = path;
    temporary += ".new";
    if (auto written = write_and_sync(temporary, content, kind, mode); !written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());
        return fail_errno(kind, path.native(), reason);
    }
    const auto folder = path.parent_path();
    return sync_folder(folder.empty() ? "." : folder, kind);
}

}  // namespace mox
