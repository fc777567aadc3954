#include "medkit/archive_contents.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/crc32c.hpp"

namespace mox::medkit {

namespace {

constexpr std::size_t chunk_size = 64 << 10;
constexpr unsigned offset_bits = 16;
constexpr std::size_t first_index = 64;

/// Takes the first component off `path`.
std::string_view take_component(std::string_view& path) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto component = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return component;
}

/// btrfs_name_hash: CRC-32C of the name from ~1, without a final inversion.
std::uint32_t btrfs_name_hash(std::string_view name) {
    return crc32c(~std::uint32_t{1}, name);
}

}  // namespace

ArchiveContents::ArchiveContents() : nodes_(1), index_(first_index, none) {}

/// The copy shares the texts; it stores new ones in a chunk of its own.
ArchiveContents::ArchiveContents(const ArchiveContents& other)
    : nodes_(other.nodes_),
      index_(other.index_),
      chunks_(other.chunks_),
      chunk_used_(chunk_size),
      names_(other.names_),
      targets_(other.targets_),
      files_(other.files_) {}

ArchiveContents& ArchiveContents::operator=(const ArchiveContents& other) {
    if (this != &other) *this = ArchiveContents(other);
    return *this;
}

std::optional<NodeKind> ArchiveContents::find(std::string_view path) const {
    const auto node = node_at(path);
    if (node == none) return std::nullopt;
    return nodes_[node].kind;
}

bool ArchiveContents::holds_filled_file(std::string_view path) const {
    return find(path) == NodeKind::filled_file;
}

bool ArchiveContents::has_children(std::string_view directory) const {
    const auto node = node_at(directory);
    return node != none && nodes_[node].children > 0;
}

void ArchiveContents::put(std::string_view path, NodeKind kind, std::string_view symlink_target) {
    const auto number = node_to_replace(path);
    auto& node = nodes_[number];
    node.kind = kind;
    if (kind == NodeKind::directory) return;
    node.file = files_++;
    if (kind == NodeKind::symlink) targets_.emplace(node.file, store(symlink_target));
}

void ArchiveContents::link(std::string_view path, std::string_view target) {
    const auto number = node_to_replace(path);
    const auto& existing = nodes_[node_at(target)];
    auto& node = nodes_[number];
    node.kind = existing.kind;
    node.file = existing.file;
    ++names_.try_emplace(node.file, 1).first->second;
}

std::uint32_t ArchiveContents::names_of(std::string_view path) const {
    const auto number = node_at(path);
    if (number == none || nodes_[number].kind == NodeKind::directory) return 0;
    const auto names = names_.find(nodes_[number].file);
    return names == names_.end() ? 1 : names->second;
}

std::optional<std::uint32_t> ArchiveContents::file_at(std::string_view path) const {
    const auto number = node_at(path);
    if (number == none || nodes_[number].kind == NodeKind::directory) return std::nullopt;
    return nodes_[number].file;
}

std::string_view ArchiveContents::symlink_target(std::string_view path) const {
    const auto number = node_at(path);
    if (number == none || nodes_[number].kind != NodeKind::symlink) return {};
    return text(targets_.at(nodes_[number].file));
}

Bytes ArchiveContents::memory() const {
    constexpr std::size_t map_node = 48;  // with its bucket and malloc's overhead
    const std::size_t sum = nodes_.size() * sizeof(Node) + index_.size() * sizeof(index_[0]) +
                            chunks_.size() * chunk_size + (names_.size() + targets_.size()) * map_node;
    return Bytes{sum};
}

std::size_t ArchiveContents::most_names_with_one_hash() const {
    std::vector<std::uint64_t> hashes;
    hashes.reserve(size());
    for (std::size_t i = 1; i < nodes_.size(); ++i)
        hashes.push_back((std::uint64_t{nodes_[i].parent} << 32) | btrfs_name_hash(text(nodes_[i].name)));
    std::ranges::sort(hashes);
    std::size_t most = 0;
    for (auto first = hashes.begin(); first != hashes.end();) {
        const auto next = std::find_if(first, hashes.end(), [&](auto hash) { return hash != *first; });
        most = std::max(most, static_cast<std::size_t>(next - first));
        first = next;
    }
    return most;
}

std::string_view ArchiveContents::text(Text place) const {
    const auto& chunk = chunks_[place.place >> offset_bits];
    return {chunk.get() + (place.place & (chunk_size - 1)), place.length};
}

ArchiveContents::Text ArchiveContents::store(std::string_view text) {
    if (chunks_.empty() || chunk_size - chunk_used_ <= text.size()) {
        chunks_.push_back(std::make_shared<char[]>(chunk_size));
        chunk_used_ = 0;
    }
    std::ranges::copy(text, chunks_.back().get() + chunk_used_);
    const auto place = ((chunks_.size() - 1) << offset_bits) | chunk_used_;
    chunk_used_ += text.size();
    return {static_cast<TextPlace>(place), static_cast<std::uint16_t>(text.size())};
}

/// The slot of the child, or the empty slot where it would be stored.
std::size_t ArchiveContents::slot_of(std::uint32_t parent, std::string_view name) const {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    const std::uint64_t hash = (std::hash<std::string_view>{}(name) ^ (parent * golden)) * golden;
    const auto mask = index_.size() - 1;
    for (auto slot = static_cast<std::size_t>(hash >> 20) & mask;; slot = (slot + 1) & mask) {
        if (index_[slot] == none) return slot;
        const auto& node = nodes_[index_[slot]];
        if (node.parent == parent && text(node.name) == name) return slot;
    }
}

std::uint32_t ArchiveContents::child(std::uint32_t parent, std::string_view name) const {
    return index_[slot_of(parent, name)];
}

std::uint32_t ArchiveContents::add_child(std::uint32_t parent, std::string_view name) {
    const auto slot = slot_of(parent, name);
    if (index_[slot] != none) return index_[slot];
    const auto number = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({.parent = parent, .name = store(name)});
    ++nodes_[parent].children;
    index_[slot] = number;
    if (nodes_.size() * 3 > index_.size() * 2) grow_index();
    return number;
}

/// The cached node if `path` is at or below it, else the root; removes its part from `path`.
std::uint32_t ArchiveContents::nearest_cached(std::string_view& path) const {
    const auto known = last_path_.size();
    if (!path.starts_with(last_path_) || (path.size() > known && path[known] != '/')) return 0;
    path.remove_prefix(std::min(known + 1, path.size()));
    return last_node_;
}

void ArchiveContents::cache(std::string_view path, std::uint32_t node) const {
    last_path_ = path;
    last_node_ = node;
}

std::uint32_t ArchiveContents::node_at(std::string_view path) const {
    auto rest = path;
    std::uint32_t node = nearest_cached(rest);
    while (!rest.empty() && node != none) node = child(node, take_component(rest));
    if (node != none) cache(path, node);
    return node;
}

std::uint32_t ArchiveContents::node_to_replace(std::string_view path) {
    auto rest = path;
    std::uint32_t node = nearest_cached(rest);
    while (!rest.empty()) node = add_child(node, take_component(rest));
    cache(path, node);
    remove_name_of(nodes_[node]);
    return node;
}

/// Removes this name of the file, and the file with its last name.
void ArchiveContents::remove_name_of(Node& node) {
    if (node.kind == NodeKind::directory) return;
    const auto names = names_.find(node.file);
    if (names == names_.end()) {
        targets_.erase(node.file);
    } else if (--names->second == 1) {
        names_.erase(names);
    }
}

void ArchiveContents::grow_index() {
    index_.assign(index_.size() * 2, none);
    for (std::uint32_t number = 1; number < nodes_.size(); ++number)
        index_[slot_of(nodes_[number].parent, text(nodes_[number].name))] = number;
}

}  // namespace mox::medkit
