// Loaded before a program (LD_PRELOAD): lets one system call on a btrfs fail, once.
//
//   MOX_FAULT=CALL:N:ERRNO    the Nth CALL (from 1) of the process fails with this error number
//   MOX_FAULT_LOG=FILE        appends "CALL N WHAT" for each that can fail ("!" before the one that did)
//
// Only calls that work on an open file of a btrfs count, and those that mount. Child processes that are
// executed count for themselves. Of libc's functions it holds those that the programs here call.

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

struct Fault {
    std::string_view call;
    long number = 0;
    int error = 0;
    int log = -1;
};

const Fault& fault() {
    static const Fault unique_match = [] {
        Fault fault;
        if (const char* text = std::getenv("MOX_FAULT")) {
            const std::string_view all(text);
            const auto colon = all.find(':');
            fault.call = all.substr(0, colon);
            fault.number = std::strtol(text + colon + 1, nullptr, 10);
            fault.error = static_cast<int>(std::strtol(text + all.rfind(':') + 1, nullptr, 10));
        }
        if (const char* path = std::getenv("MOX_FAULT_LOG"))
            fault.log = static_cast<int>(
                ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
        return fault;
    }();
    return unique_match;
}

bool is_on_btrfs(int fd) {
    struct statfs about{};
    const int saved = errno;
    const bool is = ::syscall(SYS_fstatfs, fd, &about) == 0 && about.f_type == BTRFS_SUPER_MAGIC;
    errno = saved;
    return is;
}

/// Whether this call is the one that fails; errno is set then. `count` belongs to the call.
bool fails(std::atomic<long>& count, const char* call, const char* what) {
    const long number = ++count;
    const auto& wanted = fault();
    const bool is_it = wanted.call == call && wanted.number == number;
    if (wanted.log >= 0) {
        std::array<char, 256> line{};
        const int length =
            std::snprintf(line.data(), line.size(), "%s%s %ld %s\n", is_it ? "!" : "", call, number, what);
        (void)::syscall(SYS_write, wanted.log, line.data(), static_cast<std::size_t>(length));
    }
    if (is_it) errno = wanted.error;
    return is_it;
}

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// One function of libc: NAME, its parameters, its arguments, the descriptor that decides, what is logged.
#define MOX_FAILING(result, name, parameters, throws, arguments, counts, what)     \
    extern "C" result name parameters throws {                                     \
        static std::atomic<long> count;                                            \
        static auto* const real = next<result parameters>(#name);                  \
        if ((counts) && fails(count, #name, what)) return static_cast<result>(-1); \
        return real arguments;                                                     \
    }

#pragma GCC diagnostic ignored "-Wmissing-declarations"

MOX_FAILING(int, mkdirat, (int fd, const char* path, mode_t mode), noexcept, (fd, path, mode),
            is_on_btrfs(fd), path)
MOX_FAILING(int, mknodat, (int fd, const char* path, mode_t mode, dev_t device), noexcept,
            (fd, path, mode, device), is_on_btrfs(fd), path)
MOX_FAILING(int, linkat, (int from, const char* old_path, int to, const char* path, int flags), noexcept,
            (from, old_path, to, path, flags), is_on_btrfs(to), path)
MOX_FAILING(int, symlinkat, (const char* target, int fd, const char* path), noexcept, (target, fd, path),
            is_on_btrfs(fd), path)
MOX_FAILING(int, unlinkat, (int fd, const char* path, int flags), noexcept, (fd, path, flags),
            is_on_btrfs(fd), path)
MOX_FAILING(int, renameat, (int from, const char* old_path, int to, const char* path), noexcept,
            (from, old_path, to, path), is_on_btrfs(to), path)
MOX_FAILING(int, renameat2, (int from, const char* old_path, int to, const char* path, unsigned flags),
            noexcept, (from, old_path, to, path, flags), is_on_btrfs(to), path)
MOX_FAILING(int, fsetxattr, (int fd, const char* name, const void* value, size_t size, int flags), noexcept,
            (fd, name, value, size, flags), is_on_btrfs(fd), name)
MOX_FAILING(int, lsetxattr, (const char* path, const char* name, const void* value, size_t size, int flags),
            noexcept, (path, name, value, size, flags), std::strncmp(path, "/proc/self/fd/", 14) == 0, name)
MOX_FAILING(int, fchown, (int fd, uid_t owner, gid_t group), noexcept, (fd, owner, group), is_on_btrfs(fd),
            "")
MOX_FAILING(int, fchownat, (int fd, const char* path, uid_t owner, gid_t group, int flags), noexcept,
            (fd, path, owner, group, flags), is_on_btrfs(fd), path)
MOX_FAILING(int, fchmod, (int fd, mode_t mode), noexcept, (fd, mode), is_on_btrfs(fd), "")
MOX_FAILING(int, fchmodat, (int fd, const char* path, mode_t mode, int flags), noexcept,
            (fd, path, mode, flags), is_on_btrfs(fd), path)
MOX_FAILING(int, futimens, (int fd, const timespec* times), noexcept, (fd, times), is_on_btrfs(fd), "")
MOX_FAILING(int, utimensat, (int fd, const char* path, const timespec* times, int flags), noexcept,
            (fd, path, times, flags), is_on_btrfs(fd), path)
MOX_FAILING(int, fsync, (int fd), , (fd), is_on_btrfs(fd), "")
MOX_FAILING(int, syncfs, (int fd), noexcept, (fd), is_on_btrfs(fd), "")
MOX_FAILING(int, flock, (int fd, int operation), noexcept, (fd, operation), is_on_btrfs(fd), "")
MOX_FAILING(int, ftruncate, (int fd, off_t length), noexcept, (fd, length), is_on_btrfs(fd), "")
MOX_FAILING(ssize_t, read, (int fd, void* buffer, size_t size), , (fd, buffer, size), is_on_btrfs(fd), "")
MOX_FAILING(ssize_t, write, (int fd, const void* buffer, size_t size), , (fd, buffer, size), is_on_btrfs(fd),
            "")
MOX_FAILING(ssize_t, pwrite, (int fd, const void* buffer, size_t size, off_t at), , (fd, buffer, size, at),
            is_on_btrfs(fd), "")
MOX_FAILING(ssize_t, readlinkat, (int fd, const char* path, char* buffer, size_t size), noexcept,
            (fd, path, buffer, size), is_on_btrfs(fd), path)
MOX_FAILING(int, fsopen, (const char* type, unsigned flags), noexcept, (type, flags), true, type)
MOX_FAILING(int, fsconfig, (int fd, unsigned command, const char* key, const void* value, int number),
            noexcept, (fd, command, key, value, number), true, key != nullptr ? key : "")
MOX_FAILING(int, fsmount, (int fd, unsigned flags, unsigned attributes), noexcept, (fd, flags, attributes),
            true, "")

extern "C" int openat(int directory, const char* path, int flags, ...) {
    static std::atomic<long> count;
    mode_t mode = 0;
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
        va_list more;
        va_start(more, flags);
        mode = va_arg(more, mode_t);
        va_end(more);
    }
    if (directory != AT_FDCWD && is_on_btrfs(directory) && fails(count, "openat", path)) return -1;
    return static_cast<int>(::syscall(SYS_openat, directory, path, flags, mode));
}

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
    static std::atomic<long> count;
    va_list more;
    va_start(more, request);
    void* const argument = va_arg(more, void*);
    va_end(more);
    std::array<char, 24> what{};
    std::snprintf(what.data(), what.size(), "0x%lx", request);
    if (is_on_btrfs(fd) && fails(count, "ioctl", what.data())) return -1;
    return static_cast<int>(::syscall(SYS_ioctl, fd, request, argument));
}

// openat2 has no function of its own.
extern "C" long syscall(long number, ...) noexcept {
    static std::atomic<long> count;
    static auto* const real = next<long(long, ...)>("syscall");
    std::array<long, 6> arguments{};
    va_list more;
    va_start(more, number);
    for (auto& argument : arguments) argument = va_arg(more, long);
    va_end(more);
    if (number == SYS_openat2 && is_on_btrfs(static_cast<int>(arguments[0])) &&
        fails(count, "openat2", reinterpret_cast<const char*>(arguments[1])))
        return -1;
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
