#include "medkit/source_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "medkit/medkit_files.hpp"

namespace mox::medkit {

namespace {

std::string_view kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFDIR:
            return "a directory";
        case S_IFLNK:
            return "a symlink";
        case S_IFBLK:
        case S_IFCHR:
            return "a device";
        case S_IFIFO:
            return "a FIFO";
        case S_IFSOCK:
            return "a socket";
        default:
            return "not a regular file";
    }
}

Expected<void> check_kind(const std::string& name, const struct stat& status) {
    if (S_ISREG(status.st_mode)) return {};
    return fail(ErrorKind::medkit,
                printable_name(name) + " is " + std::string(kind_of(status.st_mode)) + ", not a file",
                {"put the file itself there"});
}

}  // namespace

Expected<SourceFile> open_source_file(int directory, const std::string& name) {
    // Check before opening, because opening a device can have side effects.
    struct stat status{};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_reading(name, errno);
    TRY(check_kind(name, status));

    UniqueFd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return fail_reading(name, errno);
    if (::fstat(file.get(), &status) != 0) return fail_reading(name, errno);
    TRY(check_kind(name, status));
    if (status.st_size == 0)
        return fail(ErrorKind::medkit, printable_name(name) + " is empty (0 bytes)", {"download it again"});
    return SourceFile{name, std::move(file), Bytes{static_cast<std::uint64_t>(status.st_size)}};
}

std::unexpected<Error> fail_reading(std::string_view name, int reason) {
    const bool medium_failed = reason == EIO || reason == ENXIO || reason == ENODEV || reason == EUCLEAN;
    return fail(ErrorKind::medkit,
                printable_name(name) + " cannot be read: " + std::generic_category().message(reason),
                {medium_failed ? "check that the drive is plugged in; if it is, try another one" : ""});
}

Expected<std::vector<DataExtent>> data_extents(int file, std::uint64_t size, std::string_view name) {
    constexpr std::size_t most_extents = 10'000;
    std::vector<DataExtent> extents;
    for (off_t end = 0; static_cast<std::uint64_t>(end) < size;) {
        const off_t data = ::lseek(file, end, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;  // a hole up to the end
        if (data < 0 && errno == EINVAL) return std::vector{DataExtent{0, size}};
        if (data < 0) return fail_errno(ErrorKind::medkit, name);
        end = ::lseek(file, data, SEEK_HOLE);
        if (end < 0) return fail_errno(ErrorKind::medkit, name);
        const auto offset = std::min(static_cast<std::uint64_t>(data), size);
        if (offset < size)
            extents.push_back({offset, std::min(static_cast<std::uint64_t>(end), size) - offset});
        if (extents.size() > most_extents) return std::vector{DataExtent{0, size}};
    }
    return extents;
}

}  // namespace mox::medkit
