#include "support/archive_model.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/unique_fd.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;

std::string join(const std::string& directory, const std::string& name) {
    return directory.empty() ? name : directory + "/" + name;
}

std::string parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

mode_t type_of(ModelKind kind) {
    switch (kind) {
        case ModelKind::file:
            return S_IFREG;
        case ModelKind::directory:
            return S_IFDIR;
        case ModelKind::symlink:
            return S_IFLNK;
        case ModelKind::character_device:
            return S_IFCHR;
        case ModelKind::block_device:
            return S_IFBLK;
        case ModelKind::fifo:
            return S_IFIFO;
    }
    return 0;
}

std::string content_of(const ModelNode& node) {
    std::string content(node.size, '\0');
    for (const auto& extent : node.content) content.replace(extent.offset, extent.bytes.size(), extent.bytes);
    return content;
}

std::map<std::string, std::string> xattrs_at(const fs::path& path) {
    std::vector<char> names(65536);
    const auto length = ::llistxattr(path.c_str(), names.data(), names.size());
    if (length < 0) throw std::system_error(errno, std::generic_category(), path.native());
    std::map<std::string, std::string> found;
    for (const char* name = names.data(); name < names.data() + length;
         name += std::string_view(name).size() + 1) {
        std::string value(65536, '\0');
        const auto size = ::lgetxattr(path.c_str(), name, value.data(), value.size());
        if (size < 0) throw std::system_error(errno, std::generic_category(), path.native() + " " + name);
        value.resize(static_cast<std::size_t>(size));
        found.emplace(name, std::move(value));
    }
    return found;
}

/// Compares one node with what is at `path`, in words.
class Comparison {
public:
    Comparison(std::string shown, fs::path path) : shown_(std::move(shown)), path_(std::move(path)) {}

    std::string run(const ModelNode& node) {
        struct stat status{};
        if (::lstat(path_.c_str(), &status) != 0) return shown_ + ": is missing\n";
        if ((status.st_mode & S_IFMT) != type_of(node.kind)) return shown_ + ": is of another kind\n";
        if (node.attributes_known) compare_attributes(node, status);
        if (node.mtime_known) {
            expect("mtime", node.mtime.tv_sec, status.st_mtim.tv_sec);
            expect("nanoseconds", node.mtime.tv_nsec, status.st_mtim.tv_nsec);
        }
        if (node.kind == ModelKind::symlink && fs::read_symlink(path_).native() != node.target)
            text_ += shown_ + ": leads elsewhere\n";
        if (node.kind == ModelKind::character_device || node.kind == ModelKind::block_device) {
            expect("major", node.device_major, major(status.st_rdev));
            expect("minor", node.device_minor, minor(status.st_rdev));
        }
        if (node.kind == ModelKind::file) compare_content(node, status);
        return text_;
    }

private:
    template <typename Wanted, typename Found>
    void expect(const std::string& what, Wanted wanted, Found found) {
        if (std::cmp_equal(wanted, found)) return;
        text_ +=
            shown_ + ": " + what + " " + std::to_string(found) + ", not " + std::to_string(wanted) + "\n";
    }

    void compare_attributes(const ModelNode& node, const struct stat& status) {
        if (node.kind != ModelKind::symlink) expect("mode", node.mode, status.st_mode & 07777U);
        expect("owner", node.owner, status.st_uid);
        expect("group", node.group, status.st_gid);
        const auto found = xattrs_at(path_);
        if (found == node.xattrs) return;
        text_ += shown_ + ": extended attributes";
        for (const auto& [name, value] : found)
            text_ += " " + name + "(" + std::to_string(value.size()) + ")";
        text_ += ", not";
        for (const auto& [name, value] : node.xattrs)
            text_ += " " + name + "(" + std::to_string(value.size()) + ")";
        text_ += "\n";
    }

    /// What the file takes on the disk. Before it is there btrfs counts what it has reserved for it.
    [[nodiscard]] std::uint64_t stored_bytes() const {
        const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status{};
        if (!file || ::fsync(file.get()) != 0 || ::fstat(file.get(), &status) != 0)
            throw std::system_error(errno, std::generic_category(), path_.native());
        return static_cast<std::uint64_t>(status.st_blocks) * 512;
    }

    /// Where the file system says that data is.
    [[nodiscard]] std::string data_ranges() const {
        const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        std::string text;
        for (off_t end = 0;;) {
            const off_t data = ::lseek(file.get(), end, SEEK_DATA);
            if (data < 0) return text;
            end = ::lseek(file.get(), data, SEEK_HOLE);
            text += " " + std::to_string(data) + "-" + std::to_string(end);
        }
    }

    void compare_content(const ModelNode& node, const struct stat& status) {
        expect("size", node.size, status.st_size);
        std::ifstream file(path_, std::ios::binary);
        const std::string found{std::istreambuf_iterator<char>(file), {}};
        if (found != content_of(node)) text_ += shown_ + ": other content\n";
        std::uint64_t bytes = 0;
        for (const auto& extent : node.content) bytes += extent.bytes.size() + 2 * 4096;
        // Another name may lie below boot/; and what has a long path is packed in full.
        const bool may_have_holes =
            status.st_nlink == 1 && shown_.size() < 80 && !shown_.starts_with("boot/");
        if (!node.has_holes || !may_have_holes) return;
        const auto stored = stored_bytes();
        if (stored > bytes + 4096)
            text_ += shown_ + ": takes " + std::to_string(stored) + " bytes of " + std::to_string(node.size) +
                     ", its holes were filled; data at" + data_ranges() + "\n";
    }

    std::string shown_;
    fs::path path_;
    std::string text_;
};

}  // namespace

ModelTree::ModelTree() {
    auto root = std::make_shared<ModelNode>();
    root->kind = ModelKind::directory;
    root->attributes_known = root->mtime_known = false;
    nodes_.emplace("", std::move(root));
}

void ModelTree::begin_archive() {
    own_.clear();
    named_.clear();
    touched_.clear();
    replaced_.clear();
}

void ModelTree::end_archive() {
    for (const auto& [link, target] : replaced_) {
        const auto there = follow(target, 0);
        if (there.state == Resolved::State::found && nodes_.at(there.path)->kind == ModelKind::directory)
            refuse("a directory replaced the link " + link);
    }
    for (const auto& path : touched_) {
        const auto node = nodes_.find(path);
        if (node != nodes_.end() && node->second->kind == ModelKind::directory && !named_.contains(path))
            node->second->mtime_known = false;
    }
}

void ModelTree::refuse(std::string reason) {
    if (refusal_.empty()) refusal_ = std::move(reason);
}

bool ModelTree::goes_through_link(const std::string& path) const {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const auto node = nodes_.find(path.substr(0, end));
        if (node != nodes_.end() && node->second->kind == ModelKind::symlink) return true;
    }
    return false;
}

bool ModelTree::has_sparse_files() const {
    return std::ranges::any_of(nodes_, [](const auto& node) { return node.second->has_holes; });
}

std::optional<std::string> ModelTree::existing(std::uint64_t choice) const {
    if (nodes_.size() < 2) return std::nullopt;
    return std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(1 + choice % (nodes_.size() - 1)))->first;
}

std::vector<std::string> ModelTree::components(std::string_view path) {
    std::vector<std::string> parts;
    if (path.empty()) refuse("an empty path");
    if (path.starts_with('/')) refuse("an absolute path");
    for (std::size_t start = 0; start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const std::string part(path.substr(start, end - start));
        if (part == "..") refuse("a path that leads upwards");
        if (part.size() > 255) refuse("a name of more than 255 bytes");
        if (!part.empty() && part != ".") parts.push_back(part);
        start = end + 1;
    }
    return parts;
}

/// Where a path leads, all links followed.
ModelTree::Resolved ModelTree::follow(const std::string& path, int depth) const {
    using State = Resolved::State;
    if (depth > most_links) return {{}, State::bad};
    std::string reached;
    for (std::size_t start = 0; start < path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto part = path.substr(start, end - start);
        start = end + 1;
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (reached.empty()) return {{}, State::bad};
            reached = parent(reached);
            continue;
        }
        const auto place = join(reached, part);
        const auto node = nodes_.find(place);
        if (node == nodes_.end()) return {{}, State::missing};
        if (node->second->kind == ModelKind::symlink) {
            const auto& target = node->second->target;
            auto further = target.starts_with('/') ? target : join(reached, target);
            if (start < path.size()) further += "/" + path.substr(start);
            return follow(further, depth + 1);
        }
        if (node->second->kind != ModelKind::directory) return {{}, State::bad};
        reached = place;
    }
    return {reached, State::found};
}

/// The directory of the last component, made where it is missing.
std::optional<std::string> ModelTree::parent_of(const std::vector<std::string>& parts) {
    std::string reached;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto place = join(reached, parts[i]);
        const auto node = nodes_.find(place);
        if (node == nodes_.end()) {
            auto implied = std::make_shared<ModelNode>();
            implied->kind = ModelKind::directory;
            implied->attributes_known = implied->mtime_known = false;
            nodes_.emplace(place, std::move(implied));
            touch_parent(place);
            reached = place;
        } else if (node->second->kind == ModelKind::symlink) {
            const auto there = follow(place, 0);
            if (there.state != Resolved::State::found) {
                refuse("through a link to no directory: " + place);
                return std::nullopt;
            }
            reached = there.path;
        } else if (node->second->kind == ModelKind::directory) {
            reached = place;
        } else {
            refuse("through a file: " + place);
            return std::nullopt;
        }
    }
    return reached;
}

bool ModelTree::has_children(const std::string& path) const {
    const auto child = nodes_.lower_bound(path + "/");
    return child != nodes_.end() && child->first.starts_with(path + "/");
}

void ModelTree::touch_parent(const std::string& path) {
    touched_.insert(parent(path));
}

void ModelTree::put_directory(const std::string& path, const ModelNode& node) {
    const auto old = nodes_.find(path);
    if (old != nodes_.end() && old->second->kind == ModelKind::symlink) {
        const auto there = follow(path, 0);
        if (there.state == Resolved::State::found) return;  // it stays a link
        if (there.state == Resolved::State::bad || !own_.contains(path)) {
            refuse("a directory in place of a link to no directory: " + path);
            return;
        }
        const auto& target = old->second->target;
        replaced_.insert_or_assign(path, target.starts_with('/') ? target : join(parent(path), target));
    }
    const bool stays = old != nodes_.end() && old->second->kind == ModelKind::directory;
    if (!stays) touch_parent(path);
    nodes_[path] = std::make_shared<ModelNode>(node);
    own_.erase(path);
    named_.insert(path);
}

void ModelTree::add(std::string_view path, const ModelNode& node) {
    if (node.kind == ModelKind::file && path.ends_with('/')) refuse("a file with the name of a directory");
    const auto parts = components(path);
    if (!refusal_.empty()) return;
    if (parts.empty() && node.kind != ModelKind::directory) return refuse("the root is no directory");
    if (parts.empty()) {
        nodes_[""] = std::make_shared<ModelNode>(node);
        named_.insert("");
        return;
    }
    const auto directory = parent_of(parts);
    if (!directory) return;
    const auto place = join(*directory, parts.back());
    if (node.kind == ModelKind::directory) return put_directory(place, node);
    const auto old = nodes_.find(place);
    if (old != nodes_.end() && old->second->kind == ModelKind::directory && has_children(place))
        return refuse("in place of a full directory: " + place);
    nodes_[place] = std::make_shared<ModelNode>(node);
    named_.erase(place);
    own_.erase(place);
    if (node.kind == ModelKind::symlink) own_.insert(place);
    touch_parent(place);
}

void ModelTree::add_hard_link(std::string_view path, std::string_view target) {
    const auto parts = components(path);
    const auto target_parts = components(target);
    if (!refusal_.empty()) return;
    if (parts.empty() || target_parts.empty()) return refuse("a hard link of the root");
    const auto directory = parent_of(parts);
    if (!directory) return;
    const auto place = join(*directory, parts.back());
    std::string target_directory;
    for (std::size_t i = 0; i + 1 < target_parts.size(); ++i)
        target_directory = join(target_directory, target_parts[i]);
    const auto there = follow(target_directory, 0);
    if (there.state != Resolved::State::found) return refuse("a hard link to nothing");
    const auto target_place = join(there.path, target_parts.back());
    const auto node = nodes_.find(target_place);
    if (node == nodes_.end() || node->second->kind == ModelKind::directory)
        return refuse("a hard link to what is no earlier file");
    if (target_place == place) return refuse("a hard link to itself");
    const auto old = nodes_.find(place);
    if (old != nodes_.end() && old->second->kind == ModelKind::directory && has_children(place))
        return refuse("in place of a full directory: " + place);
    const auto shared = node->second;
    nodes_[place] = shared;
    named_.erase(place);
    own_.erase(place);
    if (shared->kind == ModelKind::symlink && own_.contains(target_place)) own_.insert(place);
    touch_parent(place);
}

std::string ModelTree::differences(const fs::path& root) const {
    std::string text;
    for (const auto& [path, node] : nodes_)
        text += Comparison(path, path.empty() ? root : root / path).run(*node);

    std::map<ino_t, std::set<std::string>> found;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
        const auto path = entry->path().lexically_relative(root).native();
        if (!nodes_.contains(path)) text += path + ": is too much\n";
        struct stat status{};
        if (::lstat(entry->path().c_str(), &status) != 0) continue;
        if (!S_ISDIR(status.st_mode)) found[status.st_ino].insert(path);
    }
    std::map<const ModelNode*, std::set<std::string>> wanted;
    for (const auto& [path, node] : nodes_)
        if (node->kind != ModelKind::directory) wanted[node.get()].insert(path);
    std::set<std::set<std::string>> found_groups;
    std::set<std::set<std::string>> wanted_groups;
    for (const auto& [number, group] : found) found_groups.insert(group);
    for (const auto& [node, group] : wanted) wanted_groups.insert(group);
    if (found_groups != wanted_groups) text += "other hard links\n";
    return text;
}

}  // namespace mox::test_support
