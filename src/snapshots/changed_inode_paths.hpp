#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "snapshots/compare_tree_search.hpp"

namespace mox::snapshots {

/// `length` bytes of an item from `start` on, or as many as there are.
[[nodiscard]] std::string text_of(std::span<const std::byte> item, std::size_t start, std::size_t length);

/// Finds the names of inodes in one subvolume, through the references that each keeps to its directories.
class InodePaths {
public:
    /// `subvolume` outlives this.
    explicit InodePaths(TreeSearch& subvolume) : subvolume_(subvolume) {}

    /// All paths of an inode, relative to the subvolume's root (which is ""): several when it has hard links,
    /// none when there is no such inode, or it is deleted and only held open. Errors as `errno` has them.
    [[nodiscard]] std::expected<std::vector<std::string>, int> of(std::uint64_t inode);

private:
    struct Reference {
        std::uint64_t directory = 0;
        std::string name;
    };

    [[nodiscard]] std::expected<std::vector<Reference>, int> references_of(std::uint64_t inode);
    [[nodiscard]] std::expected<std::string, int> path_of_directory(std::uint64_t directory);

    TreeSearch& subvolume_;
    std::unordered_map<std::uint64_t, std::string> directories_;  ///< paths that were found before
};

}  // namespace mox::snapshots
