#include "snapshots/stored_info.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file.hpp"
#include "base/unique_fd.hpp"

namespace mox::snapshots {

namespace {

constexpr auto kind = ErrorKind::card;

/// What keeps an entry from being an info file; empty: nothing.
std::string_view obstacle(const struct stat& about) {
    if (S_ISLNK(about.st_mode)) return "is a symbolic link, which is not followed";
    if (!S_ISREG(about.st_mode)) return "is not an ordinary file";
    if (static_cast<std::uint64_t>(about.st_size) > largest_info_file.count) return "is too large";
    return {};
}

SnapshotInfo unreadable(std::string trouble) {
    SnapshotInfo info;
    info.trouble = std::move(trouble);
    return info;
}

Expected<void> write_and_sync(int top, const std::string& name, std::string_view content) {
    // Whatever has the name (of a killed predecessor, or put there by somebody) is not written through.
    if (auto removed = remove_file(top, name); !removed) return removed;
    const UniqueFd fd(
        ::openat(top, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!fd) return fail_errno(kind, name);
    if (auto written = write_all(fd.get(), content, name, kind); !written) return written;
    if (::fsync(fd.get()) != 0) return fail_errno(kind, name);
    return {};
}

}  // namespace

SnapshotInfo read_info(int top, Number number) {
    const auto name = info_file_of(number);
    struct stat about{};
    if (::fstatat(top, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return {};
        return unreadable(name + " cannot be read");
    }
    if (const auto why = obstacle(about); !why.empty()) return unreadable(name + " " + std::string(why));
    auto text = read_plain_file(top, name);
    if (!text) return unreadable(text.error().describe());
    auto info = parse_info(*text);
    if (!info.trouble.empty()) info.trouble.insert(0, name + ": ");
    return info;
}

Expected<void> write_info(int top, Number number, const SnapshotInfo& info) {
    return write_durably(top, info_file_of(number), format_info(info));
}

Expected<std::string> read_plain_file(int top, const std::string& name) {
    // Without O_NONBLOCK a FIFO in its place would hold us for ever.
    const UniqueFd fd(::openat(top, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return fail_errno(kind, name);
    struct stat about{};
    if (::fstat(fd.get(), &about) != 0) return fail_errno(kind, name);
    if (const auto why = obstacle(about); !why.empty()) return fail(kind, name + " " + std::string(why));
    return read_to_end(fd.get(), name, kind, largest_info_file);
}

Expected<void> write_durably(int top, const std::string& name, std::string_view content) {
    const auto temporary = name + ".new";
    if (auto written = write_and_sync(top, temporary, content); !written) {
        ::unlinkat(top, temporary.c_str(), 0);
        return written;
    }
    if (auto renamed = rename_entry(top, temporary, name); !renamed) {
        ::unlinkat(top, temporary.c_str(), 0);
        return renamed;
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
