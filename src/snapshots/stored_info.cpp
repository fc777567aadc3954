#include "snapshots/stored_info.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <optional>

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "snapshots/space_reclaimer.hpp"

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::card;

/// Message why an entry is not an info file; empty: it is one.
std::string_view file_error(const struct stat& about) {
    if (S_ISLNK(about.st_mode)) return "is a symbolic link, which is not followed";
    if (!S_ISREG(about.st_mode)) return "is not an ordinary file";
    if (static_cast<std::uint64_t>(about.st_size) > largest_info_file.count) return "is too large";
    return {};
}

SnapshotInfo unreadable(std::string warning) {
    SnapshotInfo info;
    info.warning = std::move(warning);
    return info;
}

Expected<void> write_and_sync(int top, const std::string& name, std::string_view content) {
    // Remove an existing file of that name (from a killed process or another program): never write into it.
    TRY(remove_file(top, name));
    const UniqueFd fd(
        ::openat(top, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd) return fail_errno(kind, name);
    TRY(write_all(fd.get(), content, name, kind));
    if (::fsync(fd.get()) != 0) return fail_errno(kind, name);
    return {};
}

/// nullopt: it is not a symbolic link.
std::optional<std::string> target_of_link(int top, const std::string& name) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(top, name.c_str(), target.data(), target.size());
    if (length < 0) return std::nullopt;
    return std::string(target.data(), static_cast<std::size_t>(length));
}

/// The text of an info file that is a link; nullopt: a file, or a foreign link.
std::optional<std::string> info_in_link(int top, const std::string& name) {
    auto text = target_of_link(top, name);
    if (!text || !text->starts_with("TYPE=")) return std::nullopt;
    return text;
}

SnapshotInfo info_of_text(std::string_view text, const std::string& name) {
    auto info = parse_info(text);
    if (!info.warning.empty()) info.warning.insert(0, name + ": ");
    return info;
}

}  // namespace

SnapshotInfo read_info(int top, Number number) {
    const auto name = info_file_of(number);
    struct stat about{};
    if (::fstatat(top, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return {};
        return unreadable(name + " cannot be read");
    }
    if (const auto text = info_in_link(top, name)) return info_of_text(*text, name);
    if (const auto error = file_error(about); !error.empty())
        return unreadable(name + " " + std::string(error));
    auto text = read_plain_file(top, name);
    if (!text) return unreadable(text.error().describe());
    return info_of_text(*text, name);
}

Expected<void> write_info(int top, Number number, const SnapshotInfo& info) {
    return write_durably(top, info_file_of(number), format_info(info));
}

Expected<void> write_info_or_link(int top, Number number, const SnapshotInfo& info) {
    auto written = write_info(top, number, info);
    if (written || !is_full(written.error())) return written;
    return write_link(top, info_file_of(number), format_info(info));
}

Expected<void> convert_info_link(int top, Number number) {
    const auto name = info_file_of(number);
    const auto text = info_in_link(top, name);
    if (!text) return {};
    auto written = write_durably(top, name, *text);
    if (!written && is_full(written.error())) return {};
    return written;
}

Expected<void> write_link(int top, const std::string& name, const std::string& text) {
    TRY(remove_file(top, name));
    if (::symlinkat(text.c_str(), top, name.c_str()) != 0) return fail_errno(kind, name);
    return {};
}

Expected<std::string> read_link_or_file(int top, const std::string& name) {
    if (auto text = target_of_link(top, name)) return std::move(*text);
    return read_plain_file(top, name);
}

Expected<std::string> read_plain_file(int top, const std::string& name) {
    // Without O_NONBLOCK a FIFO in its place would block the open.
    const UniqueFd fd(::openat(top, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return fail_errno(kind, name);
    struct stat about{};
    if (::fstat(fd.get(), &about) != 0) return fail_errno(kind, name);
    if (const auto error = file_error(about); !error.empty())
        return fail(kind, name + " " + std::string(error));
    return read_to_end(fd.get(), name, kind, largest_info_file);
}

Expected<void> write_durably(int top, const std::string& name, std::string_view content) {
    const auto temporary = name + ".new";
    if (auto written = write_and_sync(top, temporary, content); !written) {
        ::unlinkat(top, temporary.c_str(), 0);
        return written;
    }
    if (::renameat(top, temporary.c_str(), top, name.c_str()) != 0) {
        const int reason = errno;
        ::unlinkat(top, temporary.c_str(), 0);
        return fail_errno(kind, name, reason);
    }
    if (::fsync(top) != 0) return fail_errno(kind, name);
    return {};
}

Expected<void> remove_file(int top, const std::string& name) {
    if (::unlinkat(top, name.c_str(), 0) != 0 && errno != ENOENT) return fail_errno(kind, name);
    return {};
}

Expected<void> rename_entry(int top, const std::string& from, const std::string& to) {
    if (::renameat(top, from.c_str(), top, to.c_str()) != 0) return fail_errno(kind, from + " -> " + to);
    return {};
}

bool entry_exists(int top, const std::string& name) {
    struct stat about{};
    return ::fstatat(top, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace mox::snapshots
