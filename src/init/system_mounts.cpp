#include "init/system_mounts.hpp"

#include <fcntl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::init {

namespace {

struct SystemMount {
    const char* type;
    const char* target;
    unsigned long flags;
    const char* options;
};

constexpr std::array system_mounts{
    SystemMount{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
    SystemMount{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr},
    SystemMount{"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
    SystemMount{"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620"},
    SystemMount{"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
    SystemMount{"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
    SystemMount{"tmpfs", "/mnt", MS_NOSUID | MS_NODEV, "mode=0755"},
};

/// For lock files of libubootenv and other libraries.
constexpr std::array lock_directories{"/run/lock", "/var/lock"};

/// Of syslog(2): the kernel prints messages below this level on the console; 4 leaves errors.
constexpr int set_console_level = 8;
constexpr int errors_only = 4;

/// Returns the error; empty: none.
std::string make_directory(const char* path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    return failure ? std::string(path) + ": " + failure.message() : std::string();
}

std::string mount_one(const SystemMount& wanted) {
    if (auto error = make_directory(wanted.target); !error.empty()) return error;
    if (::mount(wanted.type, wanted.target, wanted.type, wanted.flags, wanted.options) == 0) return {};
    if (errno == EBUSY) return {};  // the kernel has mounted it
    return std::string(wanted.target) + ": " + std::error_code(errno, std::generic_category()).message();
}

}  // namespace

std::vector<std::string> mount_system() {
    std::vector<std::string> errors;
    const auto note = [&](std::string error) {
        if (!error.empty()) errors.push_back(std::move(error));
    };
    for (const auto& wanted : system_mounts) note(mount_one(wanted));
    for (const auto* directory : lock_directories) note(make_directory(directory));
    return errors;
}

std::vector<std::string> make_root_read_only() {
    if (::mount("none", "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0) return {};
    return {"/ stays writable: " + std::error_code(errno, std::generic_category()).message()};
}

std::vector<std::string> set_up_console() {
    std::vector<std::string> errors;
    auto console = open_file("/dev/console", O_RDWR | O_NOCTTY, ErrorKind::internal);
    if (!console) errors.push_back(console.error().describe());
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (console && ::dup2(console->get(), fd) < 0)
            errors.push_back(fail_errno(ErrorKind::internal, "standard files").error().describe());
    // Without an initial console the kernel starts process 1 with none of the three open; then `console` is
    // one of them.
    if (console && console->get() <= STDERR_FILENO) (void)console->release();
    if (::klogctl(set_console_level, nullptr, errors_only) < 0)
        errors.push_back(fail_errno(ErrorKind::internal, "the kernel's console level").error().describe());
    return errors;
}

}  // namespace mox::init
