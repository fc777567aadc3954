#include "support/tree_digest.hpp"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "base/child_process.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_with_errno(const fs::path& path) {
    throw std::system_error(errno, std::generic_category(), path.native());
}

class Hash {
public:
    Hash() { sha256_init(&context_); }
    void update(std::string_view bytes) {
        sha256_update(&context_, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
    }
    std::string hex() {
        std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
        sha256_digest(&context_, digest.size(), digest.data());
        std::string text;
        for (const auto byte : digest) {
            text += "0123456789abcdef"[byte >> 4];
            text += "0123456789abcdef"[byte & 15];
        }
        return text;
    }

private:
    sha256_ctx context_{};
};

std::string hash_of_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.native());
    Hash hash;
    std::vector<char> block(1 << 18);
    while (file) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        hash.update({block.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (!file.eof()) throw std::runtime_error("cannot read " + path.native());
    return hash.hex();
}

/// " name=hash" for each extended attribute, sorted by name.
std::string describe_xattrs(const fs::path& path) {
    std::array<char, 65536> list{};
    const ssize_t length = ::llistxattr(path.c_str(), list.data(), list.size());
    if (length < 0) fail_with_errno(path);
    std::vector<std::string> names;
    for (const char* name = list.data(); name < list.data() + length; name += names.back().size() + 1)
        names.emplace_back(name);
    std::ranges::sort(names);

    std::string text;
    std::vector<char> value(65536);
    for (const auto& name : names) {
        const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
        if (size < 0) fail_with_errno(path);
        Hash hash;
        hash.update({value.data(), static_cast<std::size_t>(size)});
        text += " " + name + "=" + hash.hex().substr(0, 16);
    }
    return text;
}

std::string describe_content(const fs::path& path, const struct stat& status) {
    switch (status.st_mode & S_IFMT) {
        case S_IFREG:
            return "file " + std::to_string(status.st_size) + " " + hash_of_file(path);
        case S_IFDIR:
            return "directory";
        case S_IFLNK:
            return "symlink -> " + fs::read_symlink(path).native();
        case S_IFCHR:
        case S_IFBLK:
            return std::string(S_ISCHR(status.st_mode) ? "char " : "block ") +
                   std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
        case S_IFIFO:
            return "fifo";
        default:
            return "socket";
    }
}

std::string octal(unsigned mode) {
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3) digits += static_cast<char>('0' + ((mode >> shift) & 7));
    return digits;
}

class Description {
public:
    Description(const fs::path& root, const ExcludedPaths& excluded) : root_(root) {
        for (const auto& path : excluded) {
            excluded_.insert(fs::path(path).lexically_normal().native());
            touched_.insert(fs::path(path).lexically_normal().parent_path().native());
        }
    }

    std::string make() {
        std::vector<std::string> paths{""};
        for (auto entry = fs::recursive_directory_iterator(root_); entry != fs::end(entry); ++entry) {
            auto relative = entry->path().lexically_relative(root_).native();
            if (!excluded_.contains(relative)) {
                paths.push_back(std::move(relative));
            } else if (entry->is_directory() && !entry->is_symlink()) {
                entry.disable_recursion_pending();
            }
        }
        std::ranges::sort(paths);
        std::string text;
        for (const auto& path : paths) text += line(path);
        return text;
    }

private:
    std::string line(const std::string& relative) {
        const fs::path path = relative.empty() ? root_ : root_ / relative;
        struct stat status{};
        if (::lstat(path.c_str(), &status) != 0) fail_with_errno(path);

        std::string text = "/" + relative + " " + octal(status.st_mode & 07777) + " " +
                           std::to_string(status.st_uid) + ":" + std::to_string(status.st_gid);
        if (!touched_.contains(relative))
            text +=
                " " + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
        text += " " + describe_content(path, status) + describe_xattrs(path);
        if (status.st_nlink > 1 && !S_ISDIR(status.st_mode)) {
            const auto [first, is_new] = links_.emplace(std::pair(status.st_dev, status.st_ino), relative);
            text +=
                " links=" + std::to_string(status.st_nlink) + (is_new ? "" : " same as /" + first->second);
        }
        return text + "\n";
    }

    fs::path root_;
    std::set<std::string> excluded_, touched_;
    std::map<std::pair<dev_t, ino_t>, std::string> links_;
};

/// A directory that goes away at the end of the scope.
class Scratch {
public:
    explicit Scratch(const fs::path& parent) {
        std::string name = (parent / "digest-XXXXXX").native();
        if (::mkdtemp(name.data()) == nullptr) fail_with_errno(name);
        path_ = name;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string hash_of_text(const std::string& text) {
    Hash hash;
    hash.update(text);
    return hash.hex();
}

}  // namespace

std::string describe_tree(const fs::path& root, const ExcludedPaths& excluded) {
    return Description(root, excluded).make();
}

std::string tree_digest(const fs::path& root, const ExcludedPaths& excluded) {
    return hash_of_text(describe_tree(root, excluded));
}

std::string describe_archive(const fs::path& archive, const fs::path& work, const ExcludedPaths& excluded) {
    const Scratch scratch(work);
    const auto unpacked = run_child_successfully({"tar", "--xattrs", "--xattrs-include=*", "--numeric-owner",
                                                  "-C", scratch.path().native(), "-xpzf", archive.native()},
                                                 std::chrono::minutes(5), ErrorKind::internal);
    if (!unpacked) throw std::runtime_error(unpacked.error().describe());
    return describe_tree(scratch.path(), excluded);
}

std::string archive_digest(const fs::path& archive, const fs::path& work, const ExcludedPaths& excluded) {
    return hash_of_text(describe_archive(archive, work, excluded));
}

}  // namespace mox::test_support
