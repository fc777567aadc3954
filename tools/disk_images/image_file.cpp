#include "disk_images/image_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/file.hpp"

namespace mox::disk_images {

namespace {

constexpr auto kind = ErrorKind::internal;

/// The next data bytes [from, until) of a file, from `from` on; empty at the end of the file.
struct Extent {
    off_t from = 0;
    off_t until = 0;
};

Expected<Extent> next_extent(int file, off_t from, off_t size, const std::filesystem::path& path) {
    const off_t data = ::lseek(file, from, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return Extent{size, size};  // only a hole is left
    if (data < 0) return fail_errno(kind, path.string());
    const off_t hole = ::lseek(file, data, SEEK_HOLE);
    if (hole < 0) return fail_errno(kind, path.string());
    return Extent{data, hole};
}

Expected<void> copy_extent(int from, int to, Extent extent, const std::filesystem::path& path) {
    while (extent.from < extent.until) {
        auto target = extent.from;
        const auto length = static_cast<std::size_t>(extent.until - extent.from);
        const auto copied = ::copy_file_range(from, &extent.from, to, &target, length, 0);
        if (copied < 0) return fail_errno(kind, path.string());
        if (copied == 0) return fail(kind, path.string() + " has become shorter");
    }
    return {};
}

}  // namespace

Expected<void> make_sparse_image(const std::filesystem::path& path, Bytes size) {
    std::error_code failed;
    std::filesystem::remove(path, failed);
    if (failed) return fail_errno(kind, path.string(), failed.value());
    auto file = open_file(path, O_RDWR | O_CREAT | O_EXCL, kind);
    if (!file) return pass_on(file);
    if (::ftruncate(file->get(), static_cast<off_t>(size.count)) != 0) return fail_errno(kind, path.string());
    return {};
}

Expected<void> copy_image(const std::filesystem::path& from, const std::filesystem::path& to) {
    auto source = open_file(from, O_RDONLY, kind);
    if (!source) return pass_on(source);
    struct stat status{};
    if (::fstat(source->get(), &status) != 0) return fail_errno(kind, from.string());
    if (auto made = make_sparse_image(to, Bytes{static_cast<std::uint64_t>(status.st_size)}); !made)
        return made;
    auto target = open_file(to, O_WRONLY, kind);
    if (!target) return pass_on(target);
    if (::ioctl(target->get(), FICLONE, source->get()) == 0) return {};
    for (off_t at = 0; at < status.st_size;) {
        const auto extent = next_extent(source->get(), at, status.st_size, from);
        if (!extent) return std::unexpected(extent.error());
        if (auto copied = copy_extent(source->get(), target->get(), *extent, to); !copied) return copied;
        at = extent->until;
    }
    return {};
}

Expected<medkit::Sha256Digest> digest_of_image(const std::filesystem::path& path) {
    auto file = open_file(path, O_RDONLY, kind);
    if (!file) return pass_on(file);
    medkit::Sha256 digest;
    std::vector<std::byte> buffer(std::size_t{1} << 20);
    for (;;) {
        const auto count = ::read(file->get(), buffer.data(), buffer.size());
        if (count < 0) return fail_errno(kind, path.string());
        if (count == 0) return digest.finish();
        digest.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    }
}

}  // namespace mox::disk_images
