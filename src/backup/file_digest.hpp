#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/digest.hpp"

namespace mox::backup {

struct FileDigest {
    medkit::Sha256Digest sha256{};
    medkit::Md5Digest md5{};
    Bytes size;
};

/// Of a whole open file, whatever its position. `name` is for the message. Errors (`medkit`).
[[nodiscard]] Expected<FileDigest> digest_of(int file, const std::string& name);

}  // namespace mox::backup
