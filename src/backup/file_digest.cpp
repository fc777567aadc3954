#include "backup/file_digest.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>

#include "medkit/source_file.hpp"

namespace mox::backup {

Expected<FileDigest> digest_of(int file, const std::string& name,
                               const std::vector<medkit::PackedListener>& listeners) {
    constexpr std::size_t block_size = 256 << 10;
    std::vector<std::byte> block(block_size);
    medkit::Sha256 sha256;
    medkit::Md5 md5;
    FileDigest result;
    for (;;) {
        const ssize_t got = ::pread(file, block.data(), block.size(), static_cast<off_t>(result.size.count));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return medkit::fail_reading(name, errno);
        if (got == 0) break;
        const auto piece = std::span(block).first(static_cast<std::size_t>(got));
        sha256.update(piece);
        md5.update(piece);
        for (const auto& listener : listeners) listener(piece);
        result.size += Bytes{piece.size()};
    }
    result.sha256 = sha256.finish();
    result.md5 = md5.finish();
    return result;
}

}  // namespace mox::backup
