#include "storage/write_protection.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <mutex>
#include <utility>

#include "storage/block_device.hpp"

namespace mox::storage {

namespace {

/// The flag belongs to the device, not to one owner: two partitions of a USB drive share the flag of the
/// drive, and the last one resets it. So the whole process has one table.
struct Protections {
    std::mutex mutex;
    std::map<dev_t, std::weak_ptr<WriteProtection>> devices;
};

Protections& protections() {
    static Protections all;
    return all;
}

/// Sets the flag of an open device; returns whether the kernel accepted it.
bool set_read_only_flag(int device, int value) {
    return ::ioctl(device, BLKROSET, &value) == 0;
}

/// Runs in a child process after fork: system calls only. Waits until the other end of the pipe is closed,
/// which happens when the protecting process ends for any reason, and makes the device writable.
[[noreturn]] void run_guard(int pipe_end, int device) {
    ::setsid();  // a signal to the group or from the terminal does not end it
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE}) ::signal(signal, SIG_IGN);
    // It keeps no other descriptor: no terminal, no pipe, no mount, no lock.
    constexpr int pipe_copy = 0;
    constexpr int device_copy = 1;
    const int high_pipe = ::fcntl(pipe_end, F_DUPFD, 3);
    const int high_device = ::fcntl(device, F_DUPFD, 3);
    if (high_pipe < 0 || high_device < 0) ::_exit(1);
    ::dup2(high_pipe, pipe_copy);
    ::dup2(high_device, device_copy);
    ::close_range(2, ~0U, 0);
    char byte = 0;
    while (::read(pipe_copy, &byte, 1) < 0 && errno == EINTR) {
    }
    (void)set_read_only_flag(device_copy, 0);
    ::_exit(0);
}

Expected<bool> read_only_flag(int fd, const std::filesystem::path& node, ErrorKind kind) {
    int read_only = 0;
    if (::ioctl(fd, BLKROGET, &read_only) != 0) return fail_errno(kind, node.native());
    return read_only != 0;
}

}  // namespace

WriteProtection::Guard::Guard(int device) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(writing.release());
        run_guard(reading.get(), device);
    }
    if (pid_ > 0) end_of_this_process_ = std::move(writing);
}

WriteProtection::Guard::~Guard() {
    if (pid_ <= 0) return;
    end_of_this_process_.reset();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

WriteProtection::WriteProtection(UniqueFd device) : device_(std::move(device)) {
    if (device_) guard_ = std::make_unique<Guard>(device_.get());
}

WriteProtection::~WriteProtection() {
    // Fails for a drive that was unplugged: it has no flag any more.
    if (device_) (void)set_read_only_flag(device_.get(), 0);
}

Expected<std::shared_ptr<WriteProtection>> WriteProtection::protect(const std::filesystem::path& node,
                                                                    ErrorKind kind) {
    auto fd = TRY(open_block_device(node, O_RDONLY, kind));
    auto number = TRY(block_device_number(fd.get(), node, kind));

    auto& all = protections();
    const std::lock_guard lock(all.mutex);
    if (auto shared = all.devices[number].lock()) return shared;

    auto read_only = TRY(read_only_flag(fd.get(), node, kind));
    // Exclusive only for this check: the mount needs the claim itself.
    TRY(open_block_device(node, O_RDONLY | O_EXCL, kind));

    // The guard is started before the flag is set: a process that is killed in between leaves no flag.
    const int device = fd.get();
    const std::shared_ptr<WriteProtection> fresh(new WriteProtection(read_only ? UniqueFd() : std::move(fd)));
    if (!read_only && !set_read_only_flag(device, 1))
        return fail_errno(kind, node.native() + ": cannot be write protected");
    all.devices[number] = fresh;
    return fresh;
}

Expected<bool> is_read_only_by_itself(const std::filesystem::path& node, ErrorKind kind) {
    auto fd = TRY(open_block_device(node, O_RDONLY, kind));
    auto number = TRY(block_device_number(fd.get(), node, kind));
    auto& all = protections();
    const std::lock_guard lock(all.mutex);
    if (const auto found = all.devices.find(number); found != all.devices.end() && !found->second.expired())
        return false;
    auto read_only = read_only_flag(fd.get(), node, kind);
    if (!read_only || !*read_only) return read_only;
    // This resets a flag that a killed process left. It cannot reset the disk's own flag, which the driver
    // sets for a write protection switch or a failed device.
    (void)set_read_only_flag(fd.get(), 0);
    return read_only_flag(fd.get(), node, kind);
}

}  // namespace mox::storage
