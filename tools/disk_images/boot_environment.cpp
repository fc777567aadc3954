#include "disk_images/boot_environment.hpp"

#include <zlib.h>

#include <cstdint>

namespace mox::disk_images {

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr std::size_t checksum_size = 4;

std::uint32_t checksum_of(std::string_view content) {
    const auto* const bytes = reinterpret_cast<const Bytef*>(content.data());
    return static_cast<std::uint32_t>(::crc32_z(::crc32_z(0, nullptr, 0), bytes, content.size()));
}

std::string le32(std::uint32_t value) {
    std::string bytes;
    for (unsigned i = 0; i < checksum_size; ++i) bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

}  // namespace

Expected<std::string> encode_boot_environment(const boot::Variables& variables, Bytes size) {
    std::string content;
    for (const auto& [name, value] : variables) {
        const bool is_readable = !name.empty() &&
                                 name.find_first_of(std::string_view("=\0", 2)) == name.npos &&
                                 value.find('\0') == value.npos;
        if (!is_readable) return fail(kind, "U-Boot cannot store the variable '" + name + "'");
        content.append(name).append("=").append(value).push_back('\0');
    }
    content += '\0';
    if (content.size() + checksum_size > size.count)
        return fail(kind, "a boot environment of " + std::to_string(content.size()) + " bytes does not fit");
    content.resize(static_cast<std::size_t>(size.count) - checksum_size, '\xff');
    return le32(checksum_of(content)) + content;
}

Expected<boot::Variables> decode_boot_environment(std::string_view bytes) {
    if (bytes.size() <= checksum_size) return fail(kind, "a boot environment is longer");
    auto content = bytes.substr(checksum_size);
    if (bytes.substr(0, checksum_size) != le32(checksum_of(content)))
        return fail(kind, "the boot environment has a wrong checksum");
    boot::Variables variables;
    while (!content.empty() && content.front() != '\0') {
        const auto end = content.find('\0');
        if (end == std::string_view::npos) break;
        const auto line = content.substr(0, end);
        const auto sign = line.find('=');
        if (sign != std::string_view::npos) variables.emplace(line.substr(0, sign), line.substr(sign + 1));
        content.remove_prefix(end + 1);
    }
    if (content.empty() || content.front() != '\0') return fail(kind, "the boot environment has no end");
    return variables;
}

}  // namespace mox::disk_images
