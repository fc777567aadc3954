#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"

namespace mox::media {

/// A new file of `size`, all zero and without a block on the disk; an old one is replaced.
/// Errors: `internal`.
[[nodiscard]] Expected<void> make_sparse_image(const std::filesystem::path& path, Bytes size);

/// SHA-256 of a whole file. Errors: `internal`.
[[nodiscard]] Expected<medkit::Sha256Digest> digest_of_image(const std::filesystem::path& path);

}  // namespace mox::media
