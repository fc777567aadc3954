#include "medkit/checksum_file.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "medkit/file_name.hpp"

namespace mox::medkit {

namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

struct Kind {
    std::string_view name;
    std::size_t digits;
};

constexpr Kind md5{"MD5", 32};
constexpr Kind sha256{"SHA-256", 64};

/// One line with a checksum; `name` is empty if the line has none.
struct Entry {
    std::string_view hex;
    std::string_view name;
};

bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// "<hex>", "<hex>  <name>", "<hex> *<name>", "\<hex>  <name>".
std::optional<Entry> read_coreutils_line(std::string_view line) {
    if (line.starts_with('\\')) line.remove_prefix(1);
    const auto hex = line.substr(0, line.find_first_of(blanks));
    if (!is_hex(hex)) return std::nullopt;
    auto name = trimmed(line.substr(hex.size()));
    if (name.starts_with('*')) name.remove_prefix(1);
    return Entry{hex, name};
}

/// "SHA256 (<name>) = <hex>".
std::optional<Entry> read_bsd_line(std::string_view line) {
    const auto equals = line.rfind('=');
    const auto open = line.find('(');
    if (equals == std::string_view::npos || open == std::string_view::npos) return std::nullopt;
    const auto close = line.rfind(')', equals);
    const auto hex = trimmed(line.substr(equals + 1));
    if (!is_hex(hex) || close == std::string_view::npos || close < open) return std::nullopt;
    return Entry{hex, line.substr(open + 1, close - open - 1)};
}

std::vector<Entry> read_lines(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::vector<Entry> entries;
    while (!text.empty()) {
        const auto line = trimmed(take_line(text));
        auto entry = read_coreutils_line(line);
        if (!entry) entry = read_bsd_line(line);
        if (entry) entries.push_back(*entry);
    }
    return entries;
}

std::string_view file_in(const Entry& entry) {
    return entry.name.substr(entry.name.rfind('/') + 1);  // npos + 1 is 0: the whole name
}

/// The entry for `archive`; else the one for the name that `archive` had before a browser changed it.
std::optional<Entry> entry_of(const std::vector<Entry>& entries, std::string_view archive) {
    const auto same = std::ranges::find(entries, archive, file_in);
    if (same != entries.end()) return *same;
    const auto name = read_file_name(archive);
    const auto has_original_name = [&](const Entry& entry) {
        const auto other = read_file_name(file_in(entry));
        return other.stem == name.stem && other.ending == name.ending && other.companion == name.companion;
    };
    const auto original = std::ranges::find_if(entries, has_original_name);
    if (original == entries.end()) return std::nullopt;
    return *original;
}

std::string describe_digits(const Entry& entry, Kind wanted) {
    const auto found = std::to_string(entry.hex.size()) + " hexadecimal digits";
    if (entry.hex.size() == sha256.digits) return "a SHA-256 (" + found + ")";
    if (entry.hex.size() == md5.digits) return "an MD5 (" + found + ")";
    return found + (entry.hex.size() < wanted.digits ? ", so it may be incomplete" : "");
}

Expected<std::string_view> find_checksum(std::string_view text, std::string_view archive, Kind kind) {
    const auto all = read_lines(text);
    std::vector<Entry> entries;
    std::ranges::copy_if(all, std::back_inserter(entries),
                         [&](const Entry& entry) { return entry.hex.size() == kind.digits; });
    const auto wanted = std::string(kind.name) + " (" + std::to_string(kind.digits) + " hexadecimal digits)";
    if (entries.empty() && !all.empty())
        return fail(ErrorKind::medkit, "holds no " + wanted + " but " + describe_digits(all.front(), kind));
    if (entries.empty()) return fail(ErrorKind::medkit, "holds no " + wanted);
    if (entries.size() == 1) return entries.front().hex;
    const auto matching = entry_of(entries, archive);
    if (!matching)
        return fail(ErrorKind::medkit,
                    "holds " + std::to_string(entries.size()) + " checksums, but none for this name",
                    {"keep one line only"});
    return matching->hex;
}

template <typename Digest>
Expected<Digest> read_digest(std::string_view text, std::string_view archive, Kind kind) {
    auto hex = TRY(find_checksum(text, archive, kind));
    const auto digest = from_hex<Digest>(hex);
    if (!digest) return fail(ErrorKind::medkit, "holds no " + std::string(kind.name));
    return *digest;
}

}  // namespace

Expected<Sha256Digest> read_sha256_file(std::string_view text, std::string_view archive) {
    return read_digest<Sha256Digest>(text, archive, sha256);
}

Expected<Md5Digest> read_md5_file(std::string_view text, std::string_view archive) {
    return read_digest<Md5Digest>(text, archive, md5);
}

std::string checksum_line(std::string_view hex, std::string_view name) {
    return std::string(hex) + "  " + std::string(name) + "\n";
}

}  // namespace mox::medkit
