#include "snapshots/diff.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "base/child_process.hpp"
#include "base/units.hpp"
#include "snapshots/description.hpp"
#include "snapshots/entry_state.hpp"

namespace mox::snapshots {

namespace {

/// One side of one change.
struct Entry {
    std::string label;  ///< "@3/etc/config", escaped for a terminal
    std::optional<DiffEntry> entry{};
};

Expected<Entry> entry_of(int root, const std::string& root_name, const std::string& path) {
    auto entry = TRY(diff_entry(root, path));
    return Entry{.label = escaped_for_display(root_name + "/" + path), .entry = std::move(entry)};
}

bool is_file(const Entry& side) {
    return side.entry && S_ISREG(side.entry->status.st_mode);
}

/// True for a regular file that can be shown line by line.
Expected<bool> is_text(const Entry& side) {
    if (!is_file(side) || side.entry->unreadable) return false;
    return side.entry->is_text();
}

class DiffWriter {
public:
    DiffWriter(int left_root, int right_root, const DiffOptions& options, const TextSink& sink)
        : left_root_(left_root), right_root_(right_root), options_(options), sink_(sink) {}

    [[nodiscard]] Expected<void> write(const Change& change) const {
        auto left = TRY(entry_of(left_root_, options_.left_name, change.path));
        auto right = TRY(entry_of(right_root_, options_.right_name, change.path));
        switch (change.kind) {
            case ChangeKind::removed:
                return only_in(options_.left_name, left, change.path, Direction::removed);
            case ChangeKind::added:
                return only_in(options_.right_name, right, change.path, Direction::added);
            case ChangeKind::changed:
                break;
        }
        if (!left.entry || !right.entry) return line(left.label + ": no longer exists");
        return changed(left, right, change.differences);
    }

private:
    enum class Direction { removed, added };

    [[nodiscard]] Expected<void> line(std::string text) const {
        if (options_.colours == Colours::yes) text = "\033[1m" + text + "\033[m";
        return sink_(text + "\n");
    }

    [[nodiscard]] Expected<void> only_in(const std::string& root_name, const Entry& side,
                                         const std::string& path, Direction direction) const {
        if (!side.entry) return line(side.label + ": no longer exists");
        const auto text = is_text(side);
        if (!text) return line(side.label + ": " + text.error().describe());
        if (*text && side.entry->status.st_size > 0) {
            const DiffSide content{.file = side.entry->file.get(), .label = side.label};
            const DiffSide missing{.file = -1, .label = "/dev/null"};
            return direction == Direction::removed
                       ? write_text_diff(content, missing, options_.colours, sink_)
                       : write_text_diff(missing, content, options_.colours, sink_);
        }
        auto what = description_of(*side.entry);
        if (is_file(side) && side.entry->status.st_size == 0) what = "empty file";
        if (is_file(side) && !*text)
            what = "binary file, " + to_text(Bytes{static_cast<std::uint64_t>(side.entry->status.st_size)});
        return line("Only in " + escaped_for_display(root_name) + ": /" + escaped_for_display(path) + " (" +
                    what + ")");
    }

    [[nodiscard]] Expected<void> changed(const Entry& left, const Entry& right,
                                         const Differences& what) const {
        const auto& before = *left.entry;
        const auto& after = *right.entry;
        const auto between = [](const std::string& one, const std::string& other) {
            return " " + one + " -> " + other;
        };
        std::vector<std::string> lines;
        if (what.type) lines.push_back("type" + between(description_of(before), description_of(after)));
        if (what.mode) lines.push_back("mode" + between(mode_text(before.status), mode_text(after.status)));
        if (what.owner)
            lines.push_back("owner" + between(owner_text(before.status), owner_text(after.status)));
        if (what.xattrs) lines.emplace_back("extended attributes differ");
        if (what.link_target)
            lines.push_back("symlink" + between("\"" + escaped_for_display(before.link_target) + "\"",
                                                "\"" + escaped_for_display(after.link_target) + "\""));
        if (what.device)
            lines.push_back("device" + between(device_text(before.status), device_text(after.status)));
        if (what.unreadable) lines.emplace_back("cannot be read on one side, so it may differ");
        for (const auto& text : lines) TRY(line(right.label + ": " + text));
        return what.content ? content(left, right) : Expected<void>();
    }

    [[nodiscard]] Expected<void> content(const Entry& left, const Entry& right) const {
        for (const auto* side : {&left, &right}) {
            const auto text = is_text(*side);
            if (!text) return line(side->label + ": " + text.error().describe());
            if (!*text) return line("Binary files " + left.label + " and " + right.label + " differ");
        }
        return write_text_diff({.file = left.entry->file.get(), .label = left.label},
                               {.file = right.entry->file.get(), .label = right.label}, options_.colours,
                               sink_);
    }

    int left_root_;
    int right_root_;
    const DiffOptions& options_;
    const TextSink& sink_;
};

}  // namespace

Expected<void> write_diff(int left_root, int right_root, std::span<const Change> changes,
                          const DiffOptions& options, const TextSink& sink) {
    try {
        const DiffWriter writer(left_root, right_root, options, sink);
        for (const auto& change : changes) TRY(writer.write(change));
        return {};
    } catch (const std::exception& error) {
        return fail(ErrorKind::internal, std::string("the diff failed: ") + error.what());
    }
}

namespace {

/// For two files of a few MiB without a common line, on a router.
constexpr std::chrono::seconds time_limit{60};

/// ECMA-48 "select graphic rendition".
constexpr std::string_view bold = "\033[1m";
constexpr std::string_view red = "\033[31m";
constexpr std::string_view green = "\033[32m";
constexpr std::string_view cyan = "\033[36m";
constexpr std::string_view plain = "\033[m";

/// The path of an open file that a child process can open too.
std::string path_of(int file) {
    if (file < 0) return "/dev/null";
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file);
}

}  // namespace

std::string_view DiffColours::colour_for(char first) {
    if (first == '@') in_header_ = false;
    if (in_header_) return bold;
    switch (first) {
        case '@':
            return cyan;
        case '-':
            return red;
        case '+':
            return green;
        default:
            return {};
    }
}

std::string DiffColours::coloured(std::string_view piece) {
    std::string result;
    while (!piece.empty()) {
        if (std::exchange(at_line_start_, false)) {
            const auto colour = colour_for(piece.front());
            line_is_coloured_ = !colour.empty();
            result += colour;
        }
        const auto end = piece.find('\n');
        result += piece.substr(0, end);
        if (end == std::string_view::npos) break;
        if (line_is_coloured_) result += plain;
        result += '\n';
        at_line_start_ = true;
        piece.remove_prefix(end + 1);
    }
    return result;
}

Expected<void> write_text_diff(const DiffSide& left, const DiffSide& right, Colours colours,
                               const TextSink& sink) {
    // -L and -a: both GNU diff and busybox diff have these options.
    const std::vector<std::string> argv{
        "diff", "-u", "-a", "-L", left.label, "-L", right.label, path_of(left.file), path_of(right.file)};
    DiffColours colouring;
    const auto status = TRY(run_child_streaming(argv, time_limit, [&](std::string_view piece) {
        return colours == Colours::yes ? sink(colouring.coloured(piece)) : sink(piece);
    }));
    constexpr int failed = 2;  // 0: no difference, 1: some
    if (status >= failed)
        return fail(ErrorKind::internal, "diff failed (exit status " + std::to_string(status) + ") for " +
                                             left.label + " and " + right.label);
    return {};
}

namespace {

constexpr off_t longest_text = 8 << 20;

/// The target of a symlink that is open with O_PATH.
Expected<std::string> target_of(int symlink, const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(symlink, "", target.data(), target.size());
    if (length < 0) return fail_errno(ErrorKind::snapshot, path);
    return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace

Expected<bool> DiffEntry::is_text() const {
    if (status.st_size > longest_text) return false;
    std::vector<char> block(64 << 10);
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(file.get(), block.data(), block.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(ErrorKind::snapshot, "a changed file cannot be read");
        if (got == 0) return true;
        if (std::find(block.begin(), block.begin() + got, '\0') != block.begin() + got) return false;
        at += got;
        if (at > longest_text) return false;  // the file grows
    }
}

Expected<std::optional<DiffEntry>> diff_entry(int root, const std::string& path) {
    constexpr auto kind = ErrorKind::snapshot;
    const auto name = "/" + escaped_for_display(path);
    const auto handle = open_beneath(root, path, O_PATH);
    if (!handle && means_absent(handle.error())) return std::optional<DiffEntry>();
    if (!handle) return fail_errno(kind, name, handle.error());

    DiffEntry entry;
    if (::fstat(handle->get(), &entry.status) != 0) return fail_errno(kind, name);
    if (S_ISLNK(entry.status.st_mode)) {
        auto target = TRY(target_of(handle->get(), name));
        entry.link_target = std::move(target);
    }
    if (S_ISREG(entry.status.st_mode)) {
        auto file = open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        entry.unreadable = !file;
        if (file) entry.file = std::move(*file);
    }
    return entry;
}

std::string description_of(const DiffEntry& entry) {
    switch (entry.status.st_mode & S_IFMT) {
        case S_IFREG:
            return "file";
        case S_IFDIR:
            return "directory";
        case S_IFLNK:
            return "symlink to \"" + escaped_for_display(entry.link_target) + "\"";
        case S_IFCHR:
            return "character device " + device_text(entry.status);
        case S_IFBLK:
            return "block device " + device_text(entry.status);
        case S_IFIFO:
            return "FIFO";
        case S_IFSOCK:
            return "socket";
        default:
            return "entry of unknown type";
    }
}

std::string mode_text(const struct stat& status) {
    std::array<char, 8> text{};
    const unsigned mode = status.st_mode & 07777U;
    static_cast<void>(std::snprintf(text.data(), text.size(), "%04o", mode));
    return text.data();
}

std::string owner_text(const struct stat& status) {
    return std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
}

std::string device_text(const struct stat& status) {
    return std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
}

}  // namespace mox::snapshots
