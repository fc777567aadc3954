#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"

namespace mox::disk_images {

/// Makes a file of `size` zero bytes without a block on the disk; replaces an old one. Errors: `internal`.
[[nodiscard]] Expected<void> make_sparse_image(const std::filesystem::path& path, Bytes size);

/// Copies an image with its holes: as a reflink if the file system supports it, else only the data. An old
/// `to` is replaced. Errors: `internal`.
[[nodiscard]] Expected<void> copy_image(const std::filesystem::path& from, const std::filesystem::path& to);

/// SHA-256 of a whole file. Errors: `internal`.
[[nodiscard]] Expected<medkit::Sha256Digest> digest_of_image(const std::filesystem::path& path);

}  // namespace mox::disk_images
