#include "support/tar_forms.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

namespace mox::test_support {

namespace {

constexpr std::size_t block = 512;

// Offsets of ustar's fields.
constexpr std::size_t name_at = 0;
constexpr std::size_t name_size = 100;
constexpr std::size_t mode_at = 100;
constexpr std::size_t owner_at = 108;
constexpr std::size_t group_at = 116;
constexpr std::size_t size_at = 124;
constexpr std::size_t mtime_at = 136;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t type_at = 156;
constexpr std::size_t link_at = 157;
constexpr std::size_t magic_at = 257;
constexpr std::size_t major_at = 329;
constexpr std::size_t minor_at = 337;
constexpr std::size_t prefix_at = 345;
constexpr std::size_t prefix_size = 155;

std::string padded(std::string bytes) {
    bytes.resize((bytes.size() + block - 1) / block * block, '\0');
    return bytes;
}

void put(std::string& header, std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
}

bool fits_octal(std::int64_t number, std::size_t width) {
    return number >= 0 && static_cast<std::uint64_t>(number) < (std::uint64_t{1} << (3 * (width - 1)));
}

void put_octal(std::string& header, std::size_t at, std::size_t width, std::int64_t number) {
    for (std::size_t i = width - 1; i-- > 0; number >>= 3)
        header[at + i] = static_cast<char>('0' + (number & 7));
}

/// GNU's base 256: the first bit is set, the rest is a number in two's complement.
void put_base_256(std::string& header, std::size_t at, std::size_t width, std::int64_t number) {
    for (std::size_t i = width; i-- > 0; number >>= 8) header[at + i] = static_cast<char>(number & 0xff);
    header[at] = static_cast<char>(static_cast<unsigned char>(header[at]) | 0x80);
}

void close(std::string& header) {
    put(header, checksum_at, "        ");
    std::int64_t sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put_octal(header, checksum_at, 7, sum);
    header[checksum_at + 6] = '\0';
}

std::string decimal(timespec time) {
    auto seconds = time.tv_sec;
    auto nanoseconds = time.tv_nsec;
    const bool is_negative = seconds < 0;
    if (is_negative && nanoseconds > 0) {
        ++seconds;
        nanoseconds = 1'000'000'000 - nanoseconds;
    }
    auto text = std::to_string(seconds);
    if (is_negative && seconds == 0) text = "-0";
    if (nanoseconds == 0) return text;
    auto digits = std::to_string(nanoseconds);
    digits.insert(0, 9 - digits.size(), '0');
    return text + "." + digits;
}

/// A member in GNU's way that holds a long name of the next one.
std::string long_name(char type, std::string_view name) {
    std::string header(block, '\0');
    put(header, name_at, "././@LongLink");
    put_octal(header, mode_at, 8, 0644);
    put_octal(header, owner_at, 8, 0);
    put_octal(header, group_at, 8, 0);
    put_octal(header, size_at, 12, static_cast<std::int64_t>(name.size() + 1));
    put_octal(header, mtime_at, 12, 0);
    header[type_at] = type;
    put(header, magic_at, std::string_view("ustar  \0", 8));
    close(header);
    return header + padded(std::string(name) + '\0');
}

std::string extents_text(const ModelNode& node, char between) {
    std::string text;
    for (const auto& extent : node.content)
        text += std::to_string(extent.offset) + between + std::to_string(extent.bytes.size()) + between;
    return text;
}

class Writer {
public:
    explicit Writer(const FormedMember& member) : member_(member) {}

    std::string run() {
        put(header_, name_at, {});
        put_path();
        put_link();
        put_numbers();
        header_[type_at] = member_.type;
        if (member_.form == TarForm::gnu) {
            put(header_, magic_at, std::string_view("ustar  \0", 8));
        } else if (member_.form != TarForm::v7) {
            put(header_, magic_at, std::string_view("ustar\00000", 8));
        }
        for (const auto& [key, value] : member_.records) records_ += pax_record(key, value);
        auto content = write_content();
        put_number(size_at, 12, "size", static_cast<std::int64_t>(content.size() - not_counted_));
        close(header_);
        std::string bytes = records_.empty() ? std::string() : pax_header('x', records_);
        return bytes + before_ + header_ + padded(std::move(content));
    }

private:
    void put_path() {
        auto path = member_.path;
        if (member_.sparse == SparseForm::pax_1_0 || member_.sparse == SparseForm::pax_0_1) {
            records_ += pax_record("GNU.sparse.name", path);
            path = "./GNUSparseFile.17/file";
        }
        if (member_.form == TarForm::pax) {
            records_ += pax_record("path", path);
            put(header_, name_at, path.substr(0, name_size));
            return;
        }
        if (path.size() <= name_size) return put(header_, name_at, path);
        if (member_.form == TarForm::gnu) {
            before_ += long_name('L', path);
        } else if (member_.form == TarForm::ustar) {
            const auto slash = path.rfind('/', prefix_size);
            if (slash != std::string::npos && slash > 0 && path.size() - slash - 1 <= name_size &&
                path.size() > slash + 1) {
                put(header_, prefix_at, path.substr(0, slash));
                return put(header_, name_at, path.substr(slash + 1));
            }
            records_ += pax_record("path", path);
        } else {
            records_ += pax_record("path", path);
        }
        put(header_, name_at, path.substr(0, name_size));
    }

    void put_link() {
        const auto& link = member_.link;
        put(header_, link_at, link.substr(0, name_size));
        if (link.empty()) return;
        if (member_.form == TarForm::gnu && link.size() > name_size) before_ += long_name('K', link);
        if (member_.form == TarForm::pax || (member_.form != TarForm::gnu && link.size() > name_size))
            records_ += pax_record("linkpath", link);
    }

    void put_number(std::size_t at, std::size_t width, std::string_view key, std::int64_t number) {
        if (fits_octal(number, width) && member_.form != TarForm::pax)
            return put_octal(header_, at, width, number);
        if (member_.form == TarForm::gnu) return put_base_256(header_, at, width, number);
        put_octal(header_, at, width, fits_octal(number, width) ? number : 0);
        if (!fits_octal(number, width) || key != "size") records_ += pax_record(key, std::to_string(number));
    }

    void put_numbers() {
        const auto& node = member_.node;
        put_octal(header_, mode_at, 8, node.mode);
        put_number(owner_at, 8, "uid", static_cast<std::int64_t>(node.owner));
        put_number(group_at, 8, "gid", static_cast<std::int64_t>(node.group));
        if (member_.form == TarForm::gnu && node.mtime.tv_nsec == 0) {
            put_number(mtime_at, 12, "mtime", node.mtime.tv_sec);
        } else {
            const bool fits = fits_octal(node.mtime.tv_sec, 12);
            put_octal(header_, mtime_at, 12, fits ? node.mtime.tv_sec : 0);
            if (!fits || node.mtime.tv_nsec != 0 || member_.form == TarForm::pax)
                records_ += pax_record("mtime", decimal(node.mtime));
        }
        if (node.kind != ModelKind::character_device && node.kind != ModelKind::block_device) return;
        put_device(major_at, node.device_major);
        put_device(minor_at, node.device_minor);
    }

    void put_device(std::size_t at, unsigned number) {
        if (fits_octal(number, 8))
            put_octal(header_, at, 8, number);
        else
            put_base_256(header_, at, 8, number);
    }

    std::string write_content() {
        const auto& node = member_.node;
        if (member_.type != '0' && member_.type != '\0' && member_.type != '7') return {};
        if (member_.sparse == SparseForm::none) {
            std::string content(node.size, '\0');
            for (const auto& extent : node.content)
                content.replace(extent.offset, extent.bytes.size(), extent.bytes);
            return content;
        }
        std::string data;
        for (const auto& extent : node.content) data += extent.bytes;
        const auto count = std::to_string(node.content.size());
        const auto size = std::to_string(node.size);
        switch (member_.sparse) {
            case SparseForm::old_gnu:
                return write_old_gnu(std::move(data));
            case SparseForm::pax_0_0:
                records_ += pax_record("GNU.sparse.size", size) + pax_record("GNU.sparse.numblocks", count);
                for (const auto& extent : node.content)
                    records_ += pax_record("GNU.sparse.offset", std::to_string(extent.offset)) +
                                pax_record("GNU.sparse.numbytes", std::to_string(extent.bytes.size()));
                return data;
            case SparseForm::pax_0_1: {
                auto map = extents_text(node, ',');
                if (!map.empty()) map.pop_back();
                records_ += pax_record("GNU.sparse.size", size) + pax_record("GNU.sparse.numblocks", count) +
                            pax_record("GNU.sparse.map", map);
                return data;
            }
            default:
                records_ += pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
                            pax_record("GNU.sparse.realsize", size);
                return padded(count + "\n" + extents_text(node, '\n')) + data;
        }
    }

    /// Four extents in the header, 21 in each block that follows it.
    std::string write_old_gnu(std::string data) {
        constexpr std::size_t sparse_at = 386;
        constexpr std::size_t is_extended_at = 482;
        constexpr std::size_t real_size_at = 483;
        constexpr std::size_t in_header = 4;
        constexpr std::size_t in_block = 21;
        header_[type_at] = 'S';
        put_old_number(header_, real_size_at, member_.node.size);
        const std::span extents(member_.node.content);
        const auto put_extent = [](std::string& bytes, std::size_t at, const ModelExtent& extent) {
            put_old_number(bytes, at, extent.offset);
            put_old_number(bytes, at + 12, extent.bytes.size());
        };
        for (std::size_t i = 0; i < std::min(in_header, extents.size()); ++i)
            put_extent(header_, sparse_at + i * 24, extents[i]);
        header_[is_extended_at] = extents.size() > in_header ? 1 : 0;
        std::string more;
        for (std::size_t first = in_header; first < extents.size(); first += in_block) {
            std::string next(block, '\0');
            for (std::size_t i = 0; i < in_block && first + i < extents.size(); ++i)
                put_extent(next, i * 24, extents[first + i]);
            next[in_block * 24] = first + in_block < extents.size() ? 1 : 0;
            more += next;
        }
        not_counted_ = more.size();
        return more + data;
    }

    static void put_old_number(std::string& bytes, std::size_t at, std::uint64_t number) {
        put_octal(bytes, at, 12, static_cast<std::int64_t>(number));
    }

    const FormedMember& member_;
    std::string header_ = std::string(block, '\0');
    std::string before_;           ///< members with long names
    std::string records_;          ///< of pax
    std::size_t not_counted_ = 0;  ///< of the content, in the header's size
};

}  // namespace

std::string formed(const FormedMember& member) {
    return Writer(member).run();
}

std::string pax_record(std::string_view key, std::string_view value) {
    const auto rest = key.size() + value.size() + 3;  // blank, equals sign, line break
    auto length = rest + std::to_string(rest).size();
    length = rest + std::to_string(length).size();
    return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

std::string pax_header(char type, std::string_view records) {
    std::string header(block, '\0');
    put(header, name_at, "./PaxHeaders/x");
    put_octal(header, mode_at, 8, 0644);
    put_octal(header, owner_at, 8, 0);
    put_octal(header, group_at, 8, 0);
    put_octal(header, size_at, 12, static_cast<std::int64_t>(records.size()));
    put_octal(header, mtime_at, 12, 0);
    header[type_at] = type;
    put(header, magic_at, std::string_view("ustar\00000", 8));
    close(header);
    return header + padded(std::string(records));
}

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        const auto count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k <= count; ++k) text += digits[(group >> (18 - 6 * k)) & 63];
    }
    return text;  // libarchive writes no '='
}

}  // namespace mox::test_support
