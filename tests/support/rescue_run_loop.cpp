#include "support/rescue_run_loop.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd open_or_throw(const fs::path& path, int flags) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0644));
    if (!fd) fail_with_errno(path.native());
    return fd;
}

fs::path fresh_folder(const std::string& name) {
    std::string pattern = (fs::temp_directory_path() / (name + "-XXXXXX")).native();
    if (::mkdtemp(pattern.data()) == nullptr) fail_with_errno(pattern);
    return pattern;
}

void have_own_mount_namespace() {
    static const bool done = [] {
        if (::unshare(CLONE_NEWNS) != 0) fail_with_errno("mount namespace");
        if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            fail_with_errno("mount propagation");
        return true;
    }();
    (void)done;
}

constexpr int attempts_against_others = 1000;

/// Whether the device shows this very file: once we let go of it, another test may take it for its own.
bool shows_file(const UniqueFd& loop, const struct stat& file) {
    loop_info64 info{};
    return ::ioctl(loop.get(), LOOP_GET_STATUS64, &info) == 0 && info.lo_inode == file.st_ino &&
           info.lo_device == file.st_dev;
}

}  // namespace

RamFolder::RamFolder() {
    have_own_mount_namespace();
    path_ = fresh_folder("mox-test");
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, "mode=0755,size=75%") != 0) fail_with_errno("tmpfs");
}

RamFolder::~RamFolder() {
    ::umount2(path_.c_str(), MNT_DETACH);
    ::rmdir(path_.c_str());
}

AttachedImage::AttachedImage(const fs::path& image, Writing writing, std::uint64_t offset) {
    const int access = writing == Writing::allowed ? O_RDWR : O_RDONLY;
    const auto control = open_or_throw("/dev/loop-control", O_RDWR);
    const auto file = open_or_throw(image, access);
    if (::fstat(file.get(), &image_) != 0) fail_with_errno(image.native());
    loop_config config{};
    config.fd = static_cast<__u32>(file.get());
    config.info.lo_offset = offset;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (writing == Writing::forbidden) config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    // Between "this one is free" and taking it, another test may have taken it.
    for (int attempt = 0; attempt < attempts_against_others; ++attempt) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) fail_with_errno("no free loop device");
        node_ = "/dev/loop" + std::to_string(number);
        loop_.reset(::open(node_.c_str(), access | O_CLOEXEC));
        if (!loop_) fail_with_errno(node_.native());
        if (::ioctl(loop_.get(), LOOP_CONFIGURE, &config) == 0) return;
        if (errno != EBUSY) fail_with_errno(image.native() + " on " + node_.native());
    }
    throw std::runtime_error("no free loop device");
}

void AttachedImage::detach() {
    if (::ioctl(loop_.get(), LOOP_CLR_FD) != 0) fail_with_errno("detaching " + node_.native());
    loop_.reset();
    const auto look = open_or_throw(node_, O_RDONLY);
    if (shows_file(look, image_)) throw std::runtime_error(node_.native() + " is still in use");
}

MountedImage::MountedImage(const fs::path& image, std::uint64_t offset, const std::string& type,
                           unsigned long flags, const std::string& options) {
    have_own_mount_namespace();
    // The mount keeps the loop device; it detaches itself when the mount goes.
    const AttachedImage device(image, (flags & MS_RDONLY) != 0 ? Writing::forbidden : Writing::allowed,
                               offset);
    path_ = fresh_folder("mox-mount");
    if (::mount(device.node().c_str(), path_.c_str(), type.c_str(), flags, options.c_str()) != 0) {
        const int reason = errno;
        ::rmdir(path_.c_str());
        throw std::system_error(reason, std::generic_category(), "mounting " + image.native());
    }
}

MountedImage::~MountedImage() {
    if (::umount2(path_.c_str(), 0) != 0) ::umount2(path_.c_str(), MNT_DETACH);
    ::rmdir(path_.c_str());
}

}  // namespace mox::test_support
