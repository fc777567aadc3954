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

/// What stands at a path once an archive is unpacked.
enum class NodeKind : std::uint8_t { directory, empty_file, filled_file, symlink, special };

[[nodiscard]] constexpr bool is_file(NodeKind kind) {
    return kind == NodeKind::empty_file || kind == NodeKind::filled_file;
}

/// The tree that an archive unpacks to: paths without "./" and without a slash at either end ("boot/Image").
/// The root itself is always a directory and not listed.
///
/// Compact, because a router keeps it in memory: about 45 bytes and the name's last component per node. For
/// one thread at a time, also where it is const.
class ArchiveContents {
public:
    ArchiveContents();
    ArchiveContents(const ArchiveContents& other);
    ArchiveContents& operator=(const ArchiveContents& other);
    ArchiveContents(ArchiveContents&&) noexcept = default;
    ArchiveContents& operator=(ArchiveContents&&) noexcept = default;
    ~ArchiveContents() = default;

    /// What stands at `path`; nullopt if nothing does, or if the path goes through a symlink. The root ("")
    /// is a directory.
    [[nodiscard]] std::optional<NodeKind> find(std::string_view path) const;

    /// A file that holds something: what a boot file must be.
    [[nodiscard]] bool holds_filled_file(std::string_view path) const;

    [[nodiscard]] bool has_children(std::string_view directory) const;

    /// Puts a new node at `path`, in the place of what was there; a directory that is there stays the one
    /// that it is. Directories on the way are made. `symlink_target`: of a symlink.
    void put(std::string_view path, NodeKind kind, std::string_view symlink_target = {});

    /// Puts another name for the file (or symlink, or device) at `target`. Precondition: it is there, and no
    /// directory.
    void link(std::string_view path, std::string_view target);

    /// How many names the file at `path` has; 0 if there is none.
    [[nodiscard]] std::uint32_t names_of(std::string_view path) const;

    /// Number of the file, symlink or device at `path`, the same for all its names; nullopt if there is none.
    [[nodiscard]] std::optional<std::uint32_t> file_at(std::string_view path) const;

    /// What is put from now on has this number or a higher one.
    [[nodiscard]] std::uint32_t next_file() const { return files_; }

    /// Target of the symlink at `path`; empty if there is none.
    [[nodiscard]] std::string_view symlink_target(std::string_view path) const;

    /// Nodes beside the root.
    [[nodiscard]] std::size_t size() const { return nodes_.size() - 1; }

    /// What it takes in memory, and would take once more while it grows.
    [[nodiscard]] Bytes memory() const;

    /// The most names in one directory that share a CRC-32C, as btrfs makes it of a name: they share an item.
    /// Takes 8 bytes per node while it counts.
    [[nodiscard]] std::size_t most_names_with_one_hash() const;

private:
    /// Where a text lies: number of the chunk above, offset below.
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
    [[nodiscard]] std::uint32_t start_of(std::string_view& path) const;
    void remember(std::string_view path, std::uint32_t node) const;
    [[nodiscard]] std::uint32_t node_at(std::string_view path) const;
    [[nodiscard]] std::uint32_t node_to_replace(std::string_view path);
    void forget_name_of(Node& node);
    void grow_index();

    std::deque<Node> nodes_;                       ///< the root first; a node never goes away, it is replaced
    std::vector<std::uint32_t> index_;             ///< open addressing by parent and name
    std::vector<std::shared_ptr<char[]>> chunks_;  ///< copies share them
    std::size_t chunk_used_ = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> names_;  ///< of files that have more than one
    std::unordered_map<std::uint32_t, Text> targets_;         ///< of symlinks
    std::uint32_t files_ = 0;

    // What was found last, for the next question is often about it or something below: without this a path of
    // 2,000 directories would take two million steps. A path has the same node for ever.
    mutable std::string last_path_;
    mutable std::uint32_t last_node_ = 0;
};

}  // namespace mox::medkit
