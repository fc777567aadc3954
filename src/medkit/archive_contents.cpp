#include "medkit/archive_contents.hpp"

namespace mox::medkit {

const NodeKind* ArchiveContents::find(std::string_view path) const {
    const auto node = nodes_.find(path);
    return node == nodes_.end() ? nullptr : &node->second;
}

bool ArchiveContents::holds_filled_file(std::string_view path) const {
    const auto* kind = find(path);
    return kind != nullptr && *kind == NodeKind::filled_file;
}

bool ArchiveContents::has_children(std::string_view directory) const {
    const std::string prefix = std::string(directory) + '/';
    const auto child = nodes_.lower_bound(prefix);
    return child != nodes_.end() && child->first.starts_with(prefix);
}

void ArchiveContents::put(std::string_view path, NodeKind kind) {
    if (const auto node = nodes_.find(path); node != nodes_.end())
        node->second = kind;
    else
        nodes_.emplace(path, kind);
}

}  // namespace mox::medkit
