#include "support/tar_builder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <stdexcept>

namespace mox::test_support {

namespace {

constexpr std::size_t block_size = 512;

// Offsets of the POSIX ustar header.
constexpr std::size_t at_name = 0, at_mode = 100, at_owner = 108, at_group = 116, at_size = 124,
                      at_mtime = 136, at_checksum = 148, at_type = 156, at_link = 157, at_magic = 257,
                      at_major = 329, at_minor = 337;
constexpr std::size_t name_length = 100;

using Header = std::array<char, block_size>;

void put(Header& header, std::size_t at, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Octal with a NUL behind it; GNU's base 256 when it does not fit.
void put_number(Header& header, std::size_t at, std::size_t width, std::uint64_t value) {
    const std::size_t digits = width - 1;
    if (3 * digits < 64 && (value >> (3 * digits)) != 0) {
        for (std::size_t i = 0; i < width; ++i, value >>= (i <= 8 ? 8 : 0))
            header.at(at + width - 1 - i) = i < 8 ? static_cast<char>(value & 0xff) : '\0';
        header.at(at) = static_cast<char>(0x80);
        return;
    }
    for (std::size_t i = 0; i < digits; ++i, value >>= 3)
        header.at(at + digits - 1 - i) = static_cast<char>('0' + (value & 7));
}

void put_checksum(Header& header, bool wrong) {
    put(header, at_checksum, "        ");
    unsigned sum = wrong ? 1 : 0;
    for (const char byte : header) sum += static_cast<unsigned char>(byte);
    put_number(header, at_checksum, 7, sum);
    header.at(at_checksum + 6) = '\0';
}

std::string padded(std::string_view content) {
    std::string text(content);
    text.resize((text.size() + block_size - 1) / block_size * block_size);
    return text;
}

std::string header_block(const TarMember& member, std::string_view magic) {
    Header header{};
    put(header, at_name, std::string_view(member.path).substr(0, name_length));
    put_number(header, at_mode, 8, member.mode);
    put_number(header, at_owner, 8, member.owner);
    put_number(header, at_group, 8, member.group);
    put_number(header, at_size, 12, member.claimed_size.value_or(member.content.size()));
    put_number(header, at_mtime, 12, static_cast<std::uint64_t>(member.mtime));
    header.at(at_type) = member.type;
    put(header, at_link, std::string_view(member.link).substr(0, name_length));
    put(header, at_magic, magic);
    put_number(header, at_major, 8, member.device_major);
    put_number(header, at_minor, 8, member.device_minor);
    put_checksum(header, member.wrong_checksum);
    return {header.data(), header.size()};
}

constexpr std::string_view ustar_magic("ustar\00000", 8);
constexpr std::string_view gnu_magic("ustar  \0", 8);

/// "LENGTH key=value\n", the length counting its own digits.
std::string pax_record(std::string_view key, std::string_view value) {
    const std::string rest = " " + std::string(key) + "=" + std::string(value) + "\n";
    std::size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    return std::to_string(length) + rest;
}

}  // namespace

TarBuilder& TarBuilder::add(const TarMember& member) {
    std::string_view magic = ustar_magic;
    if (!member.pax.empty()) {
        TarMember extended{.path = "pax", .type = 'x'};
        for (const auto& [key, value] : member.pax) extended.content += pax_record(key, value);
        bytes_ += header_block(extended, ustar_magic) + padded(extended.content);
    }
    for (const auto& [type, text] : {std::pair('L', &member.path), std::pair('K', &member.link)}) {
        if (text->size() <= name_length) continue;
        const TarMember long_name{.path = "././@LongLink", .type = type, .content = *text + '\0'};
        bytes_ += header_block(long_name, gnu_magic) + padded(long_name.content);
        magic = gnu_magic;
    }
    bytes_ += header_block(member, magic) + padded(member.content);
    return *this;
}

TarBuilder& TarBuilder::file(std::string path, std::string content) {
    return add({.path = std::move(path), .content = std::move(content)});
}

TarBuilder& TarBuilder::directory(std::string path) {
    return add({.path = std::move(path), .type = '5', .mode = 0755});
}

TarBuilder& TarBuilder::symlink(std::string path, std::string target) {
    return add({.path = std::move(path), .type = '2', .link = std::move(target), .mode = 0777});
}

TarBuilder& TarBuilder::hard_link(std::string path, std::string target) {
    return add({.path = std::move(path), .type = '1', .link = std::move(target)});
}

TarBuilder& TarBuilder::raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
}

TarBuilder& TarBuilder::old_gnu_sparse(std::string path, std::string data, std::uint64_t logical_size) {
    // Old GNU format: four (offset, length) pairs at 386, real size at 483; the list ends with an empty piece
    // at the logical end.
    const TarMember member{.path = std::move(path), .type = 'S', .content = std::move(data)};
    const std::string block = header_block(member, gnu_magic);
    Header header{};
    put(header, 0, block);
    put_number(header, 386, 12, 0);
    put_number(header, 398, 12, member.content.size());
    put_number(header, 410, 12, logical_size);
    put_number(header, 422, 12, 0);
    put_number(header, 483, 12, logical_size);
    put_checksum(header, false);
    bytes_ += std::string(header.data(), header.size()) + padded(member.content);
    return *this;
}

std::string TarBuilder::finished() const {
    return bytes_ + std::string(2 * block_size, '\0');
}

std::string gzip(std::string_view bytes, int level) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2 failed");
    std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
    std::string input(bytes);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int result = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END) throw std::runtime_error("deflate failed");
    return packed;
}

TarBuilder minimal_medkit(std::string_view version) {
    TarBuilder medkit;
    medkit.directory("./").directory("./boot/");
    medkit.file("./boot/Image", noise(300'000, 7));
    medkit.file("./boot/armada-3720-turris-mox.dtb", noise(20'000, 8));
    medkit.file("./boot/boot.scr", "echo Booting\n");
    // GNU tar sets the time of a directory as soon as it sees a member outside: members follow theirs
    // directly.
    medkit.directory("./etc/");
    medkit.file("./etc/turris-version", std::string(version) + "\n");
    return medkit;
}

std::string noise(std::size_t length, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string bytes(length, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() >> 56);
    return bytes;
}

}  // namespace mox::test_support
