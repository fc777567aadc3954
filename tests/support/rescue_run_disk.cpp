#include "support/rescue_run_disk.hpp"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <stdexcept>
#include <system_error>

#include "base/child_process.hpp"
#include "base/unique_fd.hpp"
#include "support/loop_image.hpp"

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

/// Calls `use(offset, bytes)` for each piece of at most `piece` bytes of the file's data; holes are skipped.
template <typename Use>
void for_each_piece_of_data(int file, std::uint64_t piece, const Use& use) {
    std::vector<char> block(piece);
    off_t at = 0;
    for (;;) {
        const off_t data = ::lseek(file, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) return;
        if (data < 0) fail_with_errno("SEEK_DATA");
        const off_t hole = ::lseek(file, data, SEEK_HOLE);
        if (hole < 0) fail_with_errno("SEEK_HOLE");
        // Whole pieces only, so that the same content is always cut up in the same way.
        at = data / static_cast<off_t>(piece) * static_cast<off_t>(piece);
        while (at < hole) {
            const ssize_t got = ::pread(file, block.data(), block.size(), at);
            if (got < 0) fail_with_errno("reading an image");
            if (got == 0) return;
            use(static_cast<std::uint64_t>(at),
                std::span<const char>(block.data(), static_cast<std::size_t>(got)));
            at += got;
        }
    }
}

bool is_zero(std::span<const char> bytes) {
    return bytes.empty() ||
           (bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

void make_disk(const fs::path& image, Bytes size, Table table) {
    const auto file = open_or_throw(image, O_RDWR | O_CREAT | O_TRUNC);
    if (::ftruncate(file.get(), static_cast<off_t>(size.count)) != 0) fail_with_errno(image.native());
    if (table == Table::none) return;

    // One entry of a DOS partition table, byte by byte: active flag, CHS (unused), type, CHS, start, length.
    constexpr std::uint32_t sector = 512;
    const auto first = static_cast<std::uint32_t>(partition_start / sector);
    const auto length = static_cast<std::uint32_t>(size.count / sector) - first;
    std::array<unsigned char, sector> record{};
    auto* entry = record.data() + 446;
    entry[4] = 0x83;
    for (unsigned byte = 0; byte < 4; ++byte) {
        entry[8 + byte] = static_cast<unsigned char>(first >> (8 * byte));
        entry[12 + byte] = static_cast<unsigned char>(length >> (8 * byte));
    }
    record[510] = 0x55;
    record[511] = 0xaa;
    if (::pwrite(file.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        fail_with_errno(image.native());
}

void make_filesystem(const fs::path& image, Table table, const std::string& type, const fs::path& content) {
    const auto start = table == Table::dos ? partition_start : 0;
    const auto size = fs::file_size(image) - start;
    const fs::path alone = image.native() + ".filesystem";
    {
        const auto file = open_or_throw(alone, O_RDWR | O_CREAT | O_TRUNC);
        if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) fail_with_errno(alone.native());
    }
    std::vector<std::string> argv{"mkfs." + type, "-q"};
    if (type == "btrfs") argv.insert(argv.end(), {"-f"});
    if (!content.empty()) argv.insert(argv.end(), {type == "btrfs" ? "--rootdir" : "-d", content.native()});
    argv.push_back(alone.native());
    run(argv);

    const auto from = open_or_throw(alone, O_RDONLY);
    const auto to = open_or_throw(image, O_RDWR);
    for_each_piece_of_data(from.get(), 1 << 20, [&](std::uint64_t at, std::span<const char> bytes) {
        if (::pwrite(to.get(), bytes.data(), bytes.size(), static_cast<off_t>(at + start)) !=
            static_cast<ssize_t>(bytes.size()))
            fail_with_errno(image.native());
    });
    fs::remove(alone);
}

void copy_sparse(const fs::path& from, const fs::path& to) {
    const auto source = open_or_throw(from, O_RDONLY);
    const auto target = open_or_throw(to, O_RDWR | O_CREAT | O_TRUNC);
    if (::ftruncate(target.get(), static_cast<off_t>(fs::file_size(from))) != 0) fail_with_errno(to.native());
    for_each_piece_of_data(source.get(), 64 << 10, [&](std::uint64_t at, std::span<const char> bytes) {
        if (::pwrite(target.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) !=
            static_cast<ssize_t>(bytes.size()))
            fail_with_errno(to.native());
    });
}

std::string image_digest(const fs::path& image) {
    const auto file = open_or_throw(image, O_RDONLY);
    sha256_ctx hash{};
    sha256_init(&hash);
    const auto add = [&](const void* bytes, std::size_t length) {
        sha256_update(&hash, length, static_cast<const std::uint8_t*>(bytes));
    };
    const std::uint64_t size = fs::file_size(image);
    add(&size, sizeof size);
    for_each_piece_of_data(file.get(), 64 << 10, [&](std::uint64_t at, std::span<const char> bytes) {
        if (is_zero(bytes)) return;
        add(&at, sizeof at);
        add(bytes.data(), bytes.size());
    });
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    sha256_digest(&hash, digest.size(), digest.data());
    std::string text;
    for (const auto byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::string output_of(const std::vector<std::string>& argv) {
    auto result = run_child(argv, std::chrono::minutes(1));
    if (!result) throw std::runtime_error(result.error().describe());
    if (!result->succeeded())
        throw std::runtime_error(argv.front() + " failed with " + std::to_string(result->exit_status) + ": " +
                                 result->output);
    return result->output;
}

}  // namespace mox::test_support
