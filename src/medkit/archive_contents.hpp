#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/units.hpp"

namespace mox::medkit {

/// The kind of node at a path after an archive is unpacked.
enum class NodeKind : std::uint8_t { directory, empty_file, filled_file, symlink, special };

[[nodiscard]] constexpr bool is_file(NodeKind kind) {
    return kind == NodeKind::empty_file || kind == NodeKind::filled_file;
}

/// The tree that an archive unpacks to: paths without "./" and without a slash at either end ("boot/Image").
/// The root itself is always a directory and is not listed.
///
/// Compact, because a router keeps it in memory: about 45 bytes and the last component of the name per node.
/// Not thread-safe, not even for const calls.
class ArchiveContents {
public:
    ArchiveContents();
    ArchiveContents(const ArchiveContents& other);
    ArchiveContents& operator=(const ArchiveContents& other);
    ArchiveContents(ArchiveContents&&) noexcept = default;
    ArchiveContents& operator=(ArchiveContents&&) noexcept = default;
    ~ArchiveContents() = default;

    /// The node at `path`; nullopt if there is none, or if the path goes through a symlink. The root ("") is
    /// a directory.
    [[nodiscard]] std::optional<NodeKind> find(std::string_view path) const;

    /// Whether a file that is not empty is at `path`. A boot file must be one.
    [[nodiscard]] bool holds_filled_file(std::string_view path) const;

    [[nodiscard]] bool has_children(std::string_view directory) const;

    /// Puts a new node at `path` and replaces the one that is there; an existing directory stays. Creates
    /// missing parent directories. `symlink_target`: for a symlink only.
    void put(std::string_view path, NodeKind kind, std::string_view symlink_target = {});

    /// Adds another name for the file (or symlink, or device) at `target`. Precondition: it exists and is not
    /// a directory.
    void link(std::string_view path, std::string_view target);

    /// How many names the file at `path` has; 0 if there is none.
    [[nodiscard]] std::uint32_t names_of(std::string_view path) const;

    /// Number of the file, symlink or device at `path`, the same for all its names; nullopt if there is none.
    [[nodiscard]] std::optional<std::uint32_t> file_at(std::string_view path) const;

    /// Files that are added from now on get this number or a higher one.
    [[nodiscard]] std::uint32_t next_file() const { return files_; }

    /// Target of the symlink at `path`; empty if there is none.
    [[nodiscard]] std::string_view symlink_target(std::string_view path) const;

    /// Number of nodes without the root.
    [[nodiscard]] std::size_t size() const { return nodes_.size() - 1; }

    /// Memory that this object uses; while it grows it may need the same amount again.
    [[nodiscard]] Bytes memory() const;

    /// The largest number of names in one directory with the same btrfs name hash (CRC-32C): btrfs stores
    /// them in one item. Uses 8 bytes per node while it counts.
    [[nodiscard]] std::size_t most_names_with_one_hash() const;

private:
    /// Position of a text: chunk number in the upper bits, offset in the lower ones.
    using TextPlace = std::uint32_t;
    struct Text {
        TextPlace place = 0;
        std::uint16_t length = 0;
    };
    struct Node {
        std::uint32_t parent = 0;
        std::uint32_t children = 0;
        std::uint32_t file = 0;  ///< number of the file, symlink or device; the same for all its names
        Text name;
        NodeKind kind = NodeKind::directory;
    };
    static constexpr std::uint32_t none = UINT32_MAX;

    [[nodiscard]] std::string_view text(Text place) const;
    [[nodiscard]] Text store(std::string_view text);
    [[nodiscard]] std::size_t slot_of(std::uint32_t parent, std::string_view name) const;
    [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view name) const;
    [[nodiscard]] std::uint32_t add_child(std::uint32_t parent, std::string_view name);
    [[nodiscard]] std::uint32_t nearest_cached(std::string_view& path) const;
    void cache(std::string_view path, std::uint32_t node) const;
    [[nodiscard]] std::uint32_t node_at(std::string_view path) const;
    [[nodiscard]] std::uint32_t node_to_replace(std::string_view path);
    void remove_name_of(Node& node);
    void grow_index();

    std::deque<Node> nodes_;                       ///< the root first; a node is replaced, never removed
    std::vector<std::uint32_t> index_;             ///< open addressing by parent and name
    std::vector<std::shared_ptr<char[]>> chunks_;  ///< copies share them
    std::size_t chunk_used_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> names_;  ///< of files that have more than one
    std::unordered_map<std::uint32_t, Text> targets_;         ///< of symlinks
    std::uint32_t files_ = 0;

    // The last result, because the next lookup is often for the same path or one below it: without this cache
    // a path of 2,000 directories would take two million steps. The node of a path never changes.
    mutable std::string last_path_;
    mutable std::uint32_t last_node_ = 0;
};

}  // namespace mox::medkit
