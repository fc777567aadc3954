#include "media/image_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <span>
#include <vector>

#include "base/file.hpp"

namespace mox::media {

namespace {

constexpr auto kind = ErrorKind::internal;

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

}  // namespace mox::media
