#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/archive.hpp"
#include "medkit/digest.hpp"

namespace mox::backup {

struct FileDigest {
    medkit::Sha256Digest sha256{};
    medkit::Md5Digest md5{};
    Bytes size;
};

/// Of a whole open file, whatever its position. `name` is for the message; `listeners` are shown all of its
/// bytes too, in order. Errors (`medkit`).
[[nodiscard]] Expected<FileDigest> digest_of(int file, const std::string& name,
                                             const std::vector<medkit::PackedListener>& listeners = {});

}  // namespace mox::backup
