#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mox::test_support {

/// A stretch of a file's content that is not a hole.
struct ModelExtent {
    std::uint64_t offset = 0;
    std::string bytes;
};

enum class ModelKind { file, directory, symlink, character_device, block_device, fifo };

/// What an entry of an archive says about a node, and what is found in a tree.
struct ModelNode {
    ModelKind kind = ModelKind::file;
    std::vector<ModelExtent> content = {};
    std::uint64_t size = 0;
    std::string target = {};  ///< of a symlink
    unsigned device_major = 0;
    unsigned device_minor = 0;
    unsigned mode = 0644;
    std::uint64_t owner = 0;
    std::uint64_t group = 0;
    timespec mtime{};
    std::map<std::string, std::string> xattrs = {};  ///< those that must be kept, as they read back

    bool attributes_known = true;  ///< false: a directory that no archive names
    bool mtime_known = true;
    bool has_holes = false;  ///< the archive has a map of them, and they must stay
};

/// The tree that a system is after archives were unpacked: a second opinion, which shares no code with the
/// product. It follows symlinks as a careful tar does, and says which archives nobody may unpack.
class ModelTree {
public:
    ModelTree();

    /// Entries of the next archive come: what is there now is older.
    void begin_archive();
    void end_archive();

    /// The effects of one entry. A path that must not be written makes the archive one that must be refused.
    void add(std::string_view path, const ModelNode& node);
    void add_hard_link(std::string_view path, std::string_view target);
    /// The archive must be refused for a reason that the tree does not know.
    void refuse(std::string reason);

    /// Why the archives must be refused; empty: they need not be.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }

    /// Whether a directory on the way of `path`, or its last component, is a symlink.
    [[nodiscard]] bool goes_through_link(const std::string& path) const;

    [[nodiscard]] bool has_sparse_files() const;

    /// A path of something that is there ("usr/lib"), chosen by a number; nullopt if there is nothing.
    [[nodiscard]] std::optional<std::string> existing(std::uint64_t choice) const;

    /// Differences between this tree and the one at `root`, a line each; empty: they are equal.
    [[nodiscard]] std::string differences(const std::filesystem::path& root) const;

private:
    using NodePointer = std::shared_ptr<ModelNode>;

    struct Resolved {
        std::string path;
        enum class State { found, missing, bad } state = State::found;
    };

    [[nodiscard]] std::vector<std::string> components(std::string_view path);
    [[nodiscard]] Resolved follow(const std::string& path, int depth) const;
    [[nodiscard]] std::optional<std::string> parent_of(const std::vector<std::string>& parts);
    [[nodiscard]] bool has_children(const std::string& path) const;
    void put_directory(const std::string& path, const ModelNode& node);
    void touch_parent(const std::string& path);

    std::map<std::string, NodePointer> nodes_;  ///< by path; "" is the root
    std::set<std::string> own_;                 ///< symlinks of the archive that is read
    std::map<std::string, std::string>
        replaced_;                           ///< symlinks that led to nothing, and the place they led to
    std::set<std::string> named_, touched_;  ///< directories of the archive that is read
    std::string refusal_;
};

}  // namespace mox::test_support
