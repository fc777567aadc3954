#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace mox::medkit {

/// What stands at a path once an archive is unpacked.
enum class NodeKind { directory, empty_file, filled_file, symlink, special };

[[nodiscard]] constexpr bool is_file(NodeKind kind) {
    return kind == NodeKind::empty_file || kind == NodeKind::filled_file;
}

/// The tree that an archive unpacks to: paths without "./" and without a slash at either end ("boot/Image").
/// The root itself is always a directory and not listed.
class ArchiveContents {
public:
    /// What stands at `path`; nullptr if nothing does.
    [[nodiscard]] const NodeKind* find(std::string_view path) const;

    /// A file that holds something: what a boot file must be.
    [[nodiscard]] bool holds_filled_file(std::string_view path) const;

    [[nodiscard]] bool has_children(std::string_view directory) const;

    /// Puts a node at `path`, in the place of what was there.
    void put(std::string_view path, NodeKind kind);

    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

private:
    std::map<std::string, NodeKind, std::less<>> nodes_;
};

}  // namespace mox::medkit
