#include "base/full_storage.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/descriptor_path.hpp"
#include "base/message_text.hpp"
#include "base/mountinfo.hpp"
#include "base/unique_fd.hpp"

namespace mox {

namespace {

namespace fs = std::filesystem;

bool is_memory(long type) {
    return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

/// "/mnt/backup", the directory in which space is missing; empty: it has no name.
std::string directory_shown(int fd) {
    auto path = readable_text(descriptor_path(fd));
    if (!path.starts_with('/')) return {};
    struct stat about{};
    if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) return path;
    return fs::path(path).parent_path();
}

std::string description_of(const struct statfs& about, const std::optional<MountLine>& mount) {
    if (is_memory(about.f_type)) return "the RAM disk" + (mount ? " on " + mount->mount_point : "");
    if (!mount) return "the card";  // the program has mounted it for itself
    return "the file system on " + mount->mount_point + " (" + mount->source + ", " + mount->type + ")";
}

/// A device has a size, and nothing in it can be deleted.
std::optional<Hint> hint_of_device(int fd, const struct stat& about) {
    const auto name = readable_text(descriptor_path(fd));
    if (S_ISBLK(about.st_mode)) return Hint{name + " is too small; use a larger one"};
    if (S_ISCHR(about.st_mode)) return Hint{name + " takes no more data; write to another place"};
    return std::nullopt;
}

std::string advice_for(const struct statfs& about, const std::optional<MountLine>& mount,
                       const std::string& directory) {
    const auto files = "free space in " + (directory.empty() ? std::string("it") : directory);
    const bool has_snapshots = about.f_type == BTRFS_SUPER_MAGIC && (!mount || mount->root.starts_with("/@"));
    return has_snapshots ? files + ", or " + std::string(delete_snapshots_advice) : files;
}

Hint unknown_place() {
    return {"a file system is full; `df` shows which one, free space in it"};
}

/// The path at the beginning of "/dev/sda1: its Btrfs cannot be mounted", if it exists; else all of it.
fs::path path_in(std::string_view subject) {
    for (const std::string_view end : {": ", " "}) {
        const fs::path path(subject.substr(0, subject.find(end)));
        if (::access(path.c_str(), F_OK) == 0) return path;
    }
    return subject;
}

}  // namespace

bool is_out_of_space(int error_number) {
    return error_number == ENOSPC || error_number == EDQUOT;
}

Hint space_hint_of(int fd, int error_number) {
    struct stat file{};
    struct statfs about{};
    if (::fstat(fd, &file) != 0 || ::fstatfs(fd, &about) != 0) return unknown_place();
    if (auto device = hint_of_device(fd, file)) return std::move(*device);
    const auto mount = mount_of(fd);
    const auto what = description_of(about, mount);
    const auto advice = advice_for(about, mount, directory_shown(fd));
    if (error_number == EDQUOT)
        return {"a quota of " + what + " is reached; " + advice + ", or raise the quota"};
    // Many small files can use up the inodes before the space; file systems without a table of them have 0.
    const bool lacks_inodes = about.f_files > 0 && about.f_ffree == 0;
    return {what + (lacks_inodes ? " can hold no more files" : " is full") + "; " + advice};
}

Hint space_hint_at(const fs::path& path, int error_number) {
    for (auto place = path;;) {
        const UniqueFd file(::open(place.empty() ? "." : place.c_str(), O_PATH | O_CLOEXEC));
        if (file) return space_hint_of(file.get(), error_number);
        if (place.empty() || place == place.root_path()) return unknown_place();
        place = place.parent_path();
    }
}

Hint space_hint_for(ErrorKind kind, std::string_view subject, int error_number) {
    if (subject.starts_with('/')) return space_hint_at(path_in(subject), error_number);
    if (subject == "standard output") return space_hint_of(STDOUT_FILENO, error_number);
    if (subject == "standard error") return space_hint_of(STDERR_FILENO, error_number);
    if (subject.contains("memory"))
        return {"the memory is full; end programs that are not needed, and try again"};
    if (kind != ErrorKind::card && error_number == EDQUOT)
        return {"a quota is reached; free space in the file system on which it is, or raise the quota"};
    if (kind != ErrorKind::card) return unknown_place();
    if (error_number == EDQUOT)
        return {"a quota of the card is reached; " + std::string(delete_snapshots_advice) +
                ", or raise the quota"};
    return {"the card is full; " + std::string(delete_snapshots_advice) + ", or files"};
}

std::unexpected<Error> fail_errno_at(ErrorKind kind, const fs::path& path, int error_number) {
    return fail_errno(kind, path.native(), error_number,
                      is_out_of_space(error_number) ? space_hint_at(path, error_number) : Hint{});
}

std::unexpected<Error> fail_errno_of(ErrorKind kind, int fd, std::string_view name, int error_number) {
    // The file may be one on the card, and then more helps than free space in its directory.
    const bool is_default = !is_out_of_space(error_number) || kind == ErrorKind::card;
    return fail_errno(kind, name, error_number, is_default ? Hint{} : space_hint_of(fd, error_number));
}

}  // namespace mox
