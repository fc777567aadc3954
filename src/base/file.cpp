#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/full_storage.hpp"

namespace mox {

Expected<UniqueFd> open_file(const std::filesystem::path& path, int flags, ErrorKind kind, unsigned mode) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!fd) return fail_errno_at(kind, path, errno);
    return fd;
}

Expected<std::string> read_small_file(const std::filesystem::path& path, ErrorKind kind, Bytes limit) {
    auto fd = TRY(open_file(path, O_RDONLY, kind));
    return read_to_end(fd.get(), path.native(), kind, limit);
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
        if (written < 0) return fail_errno_of(kind, fd, name, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Expected<void> write_existing_file(const std::filesystem::path& path, std::string_view content,
                                   ErrorKind kind) {
    auto fd = TRY(open_file(path, O_WRONLY | O_TRUNC, kind));
    return write_all(fd.get(), content, path.native(), kind);
}

Expected<void> replace_file_durably(const std::filesystem::path& path, std::string_view content,
                                    ErrorKind kind, unsigned mode) {
    auto file = TRY(AtomicFile::create(path, kind, mode));
    TRY(write_all(file.file(), content, path.native(), kind));
    TRY(file.sync());
    TRY(file.publish(Existing::replace));
    return sync_directory(directory_of(path), kind);
}

}  // namespace mox
