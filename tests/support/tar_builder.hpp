#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mox::test_support {

/// One member of a hand-made archive. Nothing is checked: that is what it is for.
struct TarMember {
    std::string path{};
    char type =
        '0';  ///< ustar type flag: 0 file, 1 hard link, 2 symlink, 3 char, 4 block, 5 directory, 6 FIFO
    std::string content{};
    std::string link{};
    unsigned mode = 0644;
    std::uint64_t owner = 0;
    std::uint64_t group = 0;
    std::int64_t mtime = 1'700'000'000;
    unsigned device_major = 0;
    unsigned device_minor = 0;

    /// pax records ("path", "mtime", "SCHILY.xattr.user.x"), written as an extended header in front.
    std::vector<std::pair<std::string, std::string>> pax{};
    /// What the header says instead of content.size().
    std::optional<std::uint64_t> claimed_size{};
    bool wrong_checksum = false;
};

/// An archive put together header by header. Paths over 100 bytes become GNU long names ('L' and 'K').
class TarBuilder {
public:
    TarBuilder& add(const TarMember& member);
    TarBuilder& file(std::string path, std::string content);
    TarBuilder& directory(std::string path);
    TarBuilder& symlink(std::string path, std::string target);
    TarBuilder& hard_link(std::string path, std::string target);

    /// Bytes as they are, no header, no padding.
    TarBuilder& raw(std::string_view bytes);

    /// A header in the old GNU format of a sparse file ('S') with one piece of data at offset 0:
    /// `logical_size` may be anything.
    TarBuilder& old_gnu_sparse(std::string path, std::string data, std::uint64_t logical_size);

    /// The archive with its end marker (two blocks of zeros).
    [[nodiscard]] std::string finished() const;
    /// The archive as it is so far.
    [[nodiscard]] const std::string& unfinished() const { return bytes_; }

private:
    std::string bytes_;
};

/// One gzip member (zlib, header without a name, time 0: the same input gives the same bytes).
[[nodiscard]] std::string gzip(std::string_view bytes, int level = 6);

/// The files without which nothing boots and the version file, members starting with "./" as in a real
/// medkit: boot/Image, boot/armada-3720-turris-mox.dtb, boot/boot.scr, etc/turris-version.
/// Add more, or take one's own builder to leave some out.
[[nodiscard]] TarBuilder minimal_medkit(std::string_view version = "9.0.1");

/// `length` bytes that do not compress, the same for the same seed.
[[nodiscard]] std::string noise(std::size_t length, std::uint64_t seed = 1);

}  // namespace mox::test_support
