#include "disk_images/fuse_mount.hpp"

#include <sys/mount.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>

#include "base/child_process.hpp"

namespace mox::disk_images {

namespace {

namespace fs = std::filesystem;

constexpr auto kind = ErrorKind::internal;

Expected<fs::path> make_mount_point() {
    std::string name = fs::temp_directory_path() / "mox-fuse.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) return fail_errno(kind, name);
    return fs::path(name);
}

}  // namespace

Expected<FuseMount> FuseMount::exfat(const fs::path& node) {
    auto point = make_mount_point();
    if (!point) return pass_on(point);
    // The program goes into the background when the file system is mounted.
    if (auto mounted =
            run_child_successfully({"mount.exfat-fuse", node, *point}, std::chrono::seconds(30), kind);
        !mounted) {
        std::error_code ignored;  // an empty directory may stay: the first error is reported
        fs::remove(*point, ignored);
        return pass_on(mounted, "mounting exFAT");
    }
    return FuseMount(std::move(*point));
}

FuseMount::~FuseMount() {
    if (point_.empty()) return;
    static_cast<void>(::umount2(point_.c_str(), MNT_DETACH));  // a destructor cannot report an error
    std::error_code ignored;
    fs::remove(point_, ignored);
}

Expected<void> FuseMount::unmount() {
    // For block devices the kernel waits until the file system's program has written everything.
    if (::umount2(point_.c_str(), 0) != 0) return fail_errno(kind, "unmounting " + point_.string());
    std::error_code failed;
    fs::remove(point_, failed);
    point_.clear();
    if (failed) return fail_errno(kind, "removing a mount point", failed.value());
    return {};
}

}  // namespace mox::disk_images
