#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/descriptor_path.hpp"
#include "base/file.hpp"
#include "base/full_storage.hpp"

namespace mox {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_start = ".mox-";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t digits_in_name = 16;

/// A random name that is most likely free in the directory; O_EXCL and link(2) make sure of it.
fs::path temporary_name(const fs::path& directory) {
    std::random_device random;
    std::string name(name_start);
    for (std::size_t i = 0; i < digits_in_name; ++i) name += digits[random() % digits.size()];
    return directory / name;
}

bool is_temporary_name(std::string_view name) {
    return name.size() == name_start.size() + digits_in_name && name.starts_with(name_start) &&
           name.find_first_not_of(digits, name_start.size()) == std::string_view::npos;
}

/// Removes the files that killed processes have left in a directory. A process that still writes holds a
/// lock. An error is ignored: the directory cannot be used then, and the next call reports it.
void remove_abandoned(const fs::path& directory) {
    std::error_code unreadable;
    std::vector<fs::path> found;
    for (auto entry = fs::directory_iterator(directory, unreadable);
         !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable))
        if (is_temporary_name(entry->path().filename().native())) found.push_back(entry->path());
    for (const auto& path : found) {
        const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    }
}

bool lacks_unnamed_files(int reason) {
    return reason == EOPNOTSUPP || reason == EISDIR || reason == EINVAL || reason == ENOENT;
}

}  // namespace

fs::path directory_of(const fs::path& file) {
    auto directory = file.parent_path();
    return directory.empty() ? fs::path(".") : directory;
}

Expected<void> sync_directory(const fs::path& directory, ErrorKind kind) {
    auto open = TRY(open_file(directory, O_RDONLY | O_DIRECTORY, kind));
    if (::fsync(open.get()) != 0) return fail_errno_at(kind, directory, errno);
    return {};
}

AtomicFile::AtomicFile(fs::path path, ErrorKind kind, UniqueFd file, fs::path temporary)
    : path_(std::move(path)), kind_(kind), file_(std::move(file)), temporary_(std::move(temporary)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      kind_(other.kind_),
      file_(std::move(other.file_)),
      temporary_(std::exchange(other.temporary_, {})) {}

AtomicFile::~AtomicFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Expected<AtomicFile> AtomicFile::create(const fs::path& path, ErrorKind kind, unsigned mode) {
    const auto directory = directory_of(path);
    UniqueFd unnamed(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
    if (unnamed) return AtomicFile(path, kind, std::move(unnamed), {});
    if (!lacks_unnamed_files(errno)) return fail_errno_at(kind, path, errno);
    remove_abandoned(directory);
    for (;;) {
        auto temporary = temporary_name(directory);
        UniqueFd file(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (file) {
            [[maybe_unused]] const int locked =
                ::flock(file.get(), LOCK_EX | LOCK_NB);  // no other process has it
            return AtomicFile(path, kind, std::move(file), std::move(temporary));
        }
        if (errno != EEXIST) return fail_errno_at(kind, path, errno);
    }
}

Expected<void> AtomicFile::sync() const {
    if (::fsync(file_.get()) != 0) return fail_errno_at(kind_, path_, errno);
    return {};
}

bool AtomicFile::link_to(const fs::path& name) const {
    const auto self = descriptor_path(file_.get());
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

/// Renames `temporary_` to `path_`.
bool AtomicFile::rename_to_name(Existing existing) const {
    if (existing == Existing::replace) return std::rename(temporary_.c_str(), path_.c_str()) == 0;
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    // Some file systems in user space cannot do this in one step.
    struct stat about{};
    if (::lstat(path_.c_str(), &about) == 0) {
        errno = EEXIST;
        return false;
    }
    return std::rename(temporary_.c_str(), path_.c_str()) == 0;
}

Expected<void> AtomicFile::publish(Existing existing) {
    if (temporary_.empty()) {
        if (link_to(path_)) return {};
        if (errno != EEXIST || existing == Existing::keep) return fail_errno_at(kind_, path_, errno);
        // link(2) does not replace a file, so this one gets a temporary name first.
        auto linked = temporary_name(directory_of(path_));
        if (!link_to(linked)) return fail_errno_at(kind_, path_, errno);
        temporary_ = std::move(linked);
    }
    if (!rename_to_name(existing)) return fail_errno_at(kind_, path_, errno);
    temporary_.clear();
    return {};
}

}  // namespace mox
