#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"

namespace mox::disk_images {

/// A new file of `size`, all zero and without a block on the disk; an old one is replaced.
/// Errors: `internal`.
[[nodiscard]] Expected<void> make_sparse_image(const std::filesystem::path& path, Bytes size);

/// Copies an image, holes included: shared with the original where the file system can do that, else as fast
/// as its data can be copied. An old `to` is replaced. Errors: `internal`.
[[nodiscard]] Expected<void> copy_image(const std::filesystem::path& from, const std::filesystem::path& to);

/// SHA-256 of a whole file. Errors: `internal`.
[[nodiscard]] Expected<medkit::Sha256Digest> digest_of_image(const std::filesystem::path& path);

}  // namespace mox::disk_images
