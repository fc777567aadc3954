#include "base/message_text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "base/mountinfo.hpp"
#include "base/text.hpp"

namespace mox {

namespace {

/// A name that exists only during an operation (snapshots/temporary_names.hpp; a test compares them).
struct TemporaryName {
    std::string_view name;
    std::string_view meaning;
};

constexpr std::array temporary_names{
    TemporaryName{"@create.new", "the new snapshot"},
    TemporaryName{"@rollback.new", "the root of the rollback"},
    TemporaryName{"@reflash.new", "the system of the re-flash"},
    TemporaryName{"@reflash.factory", "the factory image of the re-flash"},
    TemporaryName{"@savepoint.reserve", "the reserve of the savepoint"},
    TemporaryName{"rollback.journal", "the journal of the rollback"},
    TemporaryName{"savepoint.info", "the file of the savepoint"},
    TemporaryName{"reflash.erase", "the record of the re-flash"},
};

/// With a number behind it. An empty meaning: the snapshot of that number.
constexpr std::array numbered_names{
    TemporaryName{"@delete.", ""},
    TemporaryName{"@backup.", "the working copy"},
};

/// The ending of a file that is written beside the one that it replaces.
constexpr std::string_view unfinished = ".new";

/// AtomicFile's names on file systems without unnamed files: ".mox-0123456789abcdef".
constexpr std::string_view atomic_start = ".mox-";
constexpr std::size_t atomic_digits = 16;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_in_name(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '@' || c == '.' ||
           c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// "3.info.new" -> "3.info"; only for names that the program writes so.
std::string_view without_unfinished(std::string_view name) {
    if (!name.ends_with(unfinished)) return name;
    const auto base = name.substr(0, name.size() - unfinished.size());
    constexpr std::string_view info = ".info";
    const bool is_info = base.ends_with(info) && is_number(base.substr(0, base.size() - info.size()));
    const bool is_temporary =
        std::ranges::find(temporary_names, base, &TemporaryName::name) != temporary_names.end();
    return is_info || is_temporary || base == "boot.scr" ? base : name;
}

bool is_atomic_file(std::string_view name) {
    return name.starts_with(atomic_start) && name.size() == atomic_start.size() + atomic_digits;
}

/// The meaning of a temporary name; nullopt: it is not one.
std::optional<std::string> meaning_of(std::string_view name) {
    const auto base = without_unfinished(name);
    for (const auto& one : temporary_names)
        if (base == one.name) return std::string(one.meaning);
    for (const auto& one : numbered_names) {
        if (!base.starts_with(one.name) || !is_number(base.substr(one.name.size()))) continue;
        return one.meaning.empty() ? "@" + std::string(base.substr(one.name.size()))
                                   : std::string(one.meaning);
    }
    if (is_atomic_file(name)) return std::string("a new file");
    if (base != name) return std::string(base);
    return std::nullopt;
}

/// "subvolume @create.new" -> "the new snapshot", not "subvolume the new snapshot".
void drop_noun(std::string& text) {
    for (const std::string_view noun : {"subvolume ", "snapshot "})
        if (text.ends_with(noun)) return text.resize(text.size() - noun.size());
}

std::string with_meanings(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto length =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_in_name) - text.begin());
        auto word = text.substr(0, std::max<std::size_t>(length, 1));
        text.remove_prefix(word.size());
        // The program reaches its own names from an open directory; a file of the user in a path may have
        // one.
        const bool is_in_path = length == 0 || result.ends_with('/');
        const auto meaning = is_in_path ? std::nullopt : meaning_of(word);
        if (meaning && meaning->starts_with("the ")) drop_noun(result);
        result += meaning ? *meaning : std::string(word);
    }
    return result;
}

/// The name of the file behind a descriptor of this process. nullopt: it is not open.
std::optional<std::string> name_of_descriptor(int fd) {
    std::array<char, PATH_MAX> target{};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
    if (length < 0) return std::nullopt;
    std::string name(target.data(), static_cast<std::size_t>(length));
    constexpr std::string_view deleted = " (deleted)";
    if (name.starts_with("/memfd:")) return std::string("a file in memory");
    // A file without a name (O_TMPFILE): "/mnt/#1234 (deleted)".
    if (name.ends_with(deleted))
        name.resize(name.contains("/#") ? name.rfind("/#") : name.size() - deleted.size());
    if (name.starts_with('/') && !mount_of(fd)) name.erase(0, 1);
    return name;
}

/// The path after "/proc/self/fd/" or "/proc/PID/fd/" at the start of `text`; nullopt: it does not start so.
std::optional<std::string_view> behind_descriptors(std::string_view text) {
    constexpr std::string_view start = "/proc/";
    constexpr std::string_view end = "/fd/";
    if (!text.starts_with(start)) return std::nullopt;
    auto rest = text.substr(start.size());
    const auto process = rest.substr(0, rest.find('/'));
    if (process != "self" && process != "thread-self" && process != std::to_string(::getpid()))
        return std::nullopt;
    rest.remove_prefix(process.size());
    if (!rest.starts_with(end)) return std::nullopt;
    return rest.substr(end.size());
}

std::string with_file_names(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        auto rest = behind_descriptors(text);
        if (!rest) {
            result += text.front();
            text.remove_prefix(1);
            continue;
        }
        const auto digits = rest->substr(0, std::min(rest->find_first_not_of("0123456789"), rest->size()));
        text = rest->substr(digits.size());
        const auto fd = whole_number<int>(digits);
        auto name = fd ? name_of_descriptor(*fd) : std::nullopt;
        const bool has_path = text.starts_with('/') && text.size() > 1 && text[1] != ' ' && text[1] != ':';
        if (text.starts_with('/') && (!has_path || !name || name->empty() || name == "/"))
            text.remove_prefix(1);
        if (name && !name->empty())
            result += *name;
        else if (!has_path)
            result += "the top directory";
    }
    return result;
}

}  // namespace

std::string readable_text(std::string text, int reason) {
    const int errno_of_caller = errno;
    auto named = text.contains("/fd/") ? with_file_names(text) : std::move(text);
    errno = errno_of_caller;
    constexpr std::array in_the_way{EEXIST, ENOTEMPTY, ENOTDIR, EISDIR, ELOOP};
    if (std::ranges::find(in_the_way, reason) != in_the_way.end()) return named;
    const bool may_be_temporary = named.contains(".new") || named.contains('@') ||
                                  named.contains(atomic_start) || named.contains("rollback.journal") ||
                                  named.contains("savepoint.info") || named.contains("reflash.erase");
    return may_be_temporary ? with_meanings(named) : named;
}

}  // namespace mox
