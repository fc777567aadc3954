#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace mox::test_support {

// Disks as files, and what a test does to them without the product's help. Everything throws on failure.

/// Where the first partition begins: 1 MiB, as every partitioning program has it.
inline constexpr std::uint64_t partition_start = 1U << 20;

enum class Table { none, dos };

/// An empty (sparse) disk image, with one primary Linux partition over all of it if wanted.
void make_disk(const std::filesystem::path& image, Bytes size, Table table);

/// A file system made by mkfs.ext4 or mkfs.btrfs on the disk or in its partition. `content`, if given, is
/// what it holds.
void make_filesystem(const std::filesystem::path& image, Table table, const std::string& type,
                     const std::filesystem::path& content = {});

/// Copies an image so that holes stay holes.
void copy_sparse(const std::filesystem::path& from, const std::filesystem::path& to);

/// SHA-256 over the size and every block that is not zero: two images with the same digest read the same.
[[nodiscard]] std::string image_digest(const std::filesystem::path& image);

/// Runs a program that must succeed (one minute at most) and returns what it said.
[[nodiscard]] std::string output_of(const std::vector<std::string>& argv);

}  // namespace mox::test_support
