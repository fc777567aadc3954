#include "snapshots/readable.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/unique_fd.hpp"
#include "snapshots/description.hpp"
#include "snapshots/listing.hpp"

namespace mox::snapshots {

namespace {

namespace fs = std::filesystem;

/// What keeps one entry from being read; none (false): nothing.
std::error_code trouble_with_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return {errno, std::generic_category()};
    std::array<char, 64 << 10> piece{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
        if (got == 0) return {};
        if (got < 0 && errno != EINTR) return {errno, std::generic_category()};
    }
}

std::error_code trouble_with(const fs::directory_entry& entry, const fs::path& root) {
    std::error_code trouble;
    const auto status = entry.symlink_status(trouble);
    if (trouble) return trouble;
    if (fs::is_symlink(status)) {
        static_cast<void>(fs::read_symlink(entry.path(), trouble));
        return trouble;
    }
    const auto is_for_boot = [&] { return *entry.path().lexically_relative(root).begin() == "boot"; };
    return fs::is_regular_file(status) && is_for_boot() ? trouble_with_file(entry.path()) : trouble;
}

struct Unreadable {
    fs::path path;
    std::error_code why;  ///< none (false): everything reads
};

Unreadable first_unreadable(const fs::path& root) {
    std::error_code trouble;
    auto entry = fs::recursive_directory_iterator(root, trouble);
    fs::path last = root;
    for (; !trouble && entry != fs::recursive_directory_iterator(); entry.increment(trouble)) {
        last = entry->path();
        if (const auto why = trouble_with(*entry, root)) return {.path = last, .why = why};
    }
    return {.path = last, .why = trouble};
}

}  // namespace

Expected<void> require_readable(const TopLevel& top, const Target& target) {
    const auto name = subvolume_of(target);
    const auto root = top.path() / name;
    const auto found = first_unreadable(root);
    if (!found.why) return {};
    auto others = list_snapshots(top);
    if (others)
        std::erase_if(*others,
                      [&](const Snapshot& one) { return Target(one.number) == target || !one.usable(); });
    const bool factory_too = has_factory(top) && target != Target(Factory{});
    const auto where = found.path == root ? name : name + "/" + found.path.lexically_relative(root).native();
    return fail(
        ErrorKind::snapshot,
        name + " is damaged: " + escaped_for_display(where) + " does not read: " + found.why.message() +
            "; besides it there are " +
            (others ? what_exists(*others, factory_too) : std::string("snapshots that cannot be listed")));
}

}  // namespace mox::snapshots
