#include "remote/directory_store.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/full_storage.hpp"
#include "base/interruption.hpp"

namespace mox::remote {

namespace {

constexpr auto kind = ErrorKind::network;
constexpr std::size_t buffer_size = 256 << 10;
/// A backup holds the passwords and keys of a router.
constexpr mode_t owner_only = 0600;

Cause cause_of(int reason) {
    switch (reason) {
        case ENOENT:
        case ENOTDIR:
            return Cause::missing;
        case EEXIST:
            return Cause::exists;
        case EACCES:
        case EPERM:
        case EROFS:
            return Cause::refused;
        case ESTALE:
        case EIO:
        case ETIMEDOUT:
            return Cause::unreachable;
        default:
            return is_out_of_space(reason) ? Cause::full : Cause::local;
    }
}

std::unexpected<Failure> failed_with(int reason, const std::string& what) {
    return failed(cause_of(reason), Error(fail_errno(kind, what, reason).error()));
}

Result<void> sync(const UniqueFd& directory, const std::string& shown) {
    if (::fsync(directory.get()) != 0) return failed_with(errno, shown);
    return {};
}

}  // namespace

Result<UniqueFd> DirectoryStore::open() const {
    UniqueFd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return failed_with(errno, shown_);
    return directory;
}

Result<std::vector<RemoteFile>> DirectoryStore::list() {
    auto directory = TRY(open());
    auto again = open_again(directory.get());
    if (!again) return failed_with(errno, shown_);
    auto names = names_in_directory(std::move(again));
    if (!names) return failed_with(names.error(), shown_);
    std::vector<RemoteFile> files;
    for (auto& name : *names) {
        struct stat about{};
        if (!is_plain_name(name)) continue;
        if (::fstatat(directory.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;  // another program has just removed it
            return failed_with(errno, shown_ + "/" + name);
        }
        if (!S_ISREG(about.st_mode)) continue;
        if (files.size() == most_files)
            return failed(Cause::wrong_answer, Error(kind, shown_ + " holds too many files"));
        files.push_back({std::move(name), Bytes{static_cast<std::uint64_t>(about.st_size)}});
    }
    return files;
}

Result<void> DirectoryStore::make_directory() {
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    if (error) return failed_with(error.value(), shown_);
    return {};
}

Result<void> DirectoryStore::put(const std::string& name, const ByteSource& source) {
    const auto what = shown_ + "/" + name;
    const auto directory = TRY(open());
    const UniqueFd file(::openat(directory.get(), name.c_str(),
                                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                                 owner_only));
    if (!file) return failed_with(errno, what);
    std::vector<char> buffer(buffer_size);
    while (true) {
        TRY(locally(fail_if_stopped()));
        const auto count = TRY(locally(source(buffer)));
        if (count == 0) break;
        if (auto written = write_all(file.get(), {buffer.data(), count}, what, kind); !written) {
            const auto cause = cause_of(written.error().reason());
            return failed(cause, std::move(written).error());
        }
    }
    if (::fsync(file.get()) != 0) return failed_with(errno, what);
    return sync(directory, shown_);
}

Result<void> DirectoryStore::get(const std::string& name, Bytes from, const ByteSink& sink) {
    const auto what = shown_ + "/" + name;
    const auto directory = TRY(open());
    const UniqueFd file(
        ::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return failed_with(errno, what);
    if (::lseek(file.get(), static_cast<off_t>(from.count), SEEK_SET) < 0) return failed_with(errno, what);
    std::vector<char> buffer(buffer_size);
    while (true) {
        TRY(locally(fail_if_stopped()));
        const auto count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed_with(errno, what);
        if (count == 0) return {};
        TRY(locally(sink({buffer.data(), static_cast<std::size_t>(count)})));
    }
}

Result<void> DirectoryStore::rename(const std::string& from, const std::string& to) {
    const auto directory = TRY(open());
    if (::renameat2(directory.get(), from.c_str(), directory.get(), to.c_str(), RENAME_NOREPLACE) == 0)
        return sync(directory, shown_);
    // A network file system may not know the flag. Two programs that write the same name are kept apart by
    // the lock of the upload, and by the name.
    if (errno != EINVAL) return failed_with(errno, shown_ + "/" + to);
    struct stat about{};
    if (::fstatat(directory.get(), to.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0)
        return failed_with(EEXIST, shown_ + "/" + to);
    if (::renameat(directory.get(), from.c_str(), directory.get(), to.c_str()) != 0)
        return failed_with(errno, shown_ + "/" + to);
    return sync(directory, shown_);
}

Result<void> DirectoryStore::remove(const std::string& name) {
    const auto directory = TRY(open());
    if (::unlinkat(directory.get(), name.c_str(), 0) != 0 && errno != ENOENT)
        return failed_with(errno, shown_ + "/" + name);
    return sync(directory, shown_);
}

}  // namespace mox::remote
