#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace mox::medkit {

/// One medkit as it lies on a drive: names in one directory, not looked into yet.
struct MedkitFiles {
    std::string archive;                                ///< "mox-medkit-latest (1).tar.gz"
    std::optional<std::string> signature, sha256, md5;  ///< names of what stands beside it

    /// "NAME-extra.tar.gz" beside "NAME.tar.gz", unpacked over it, with its own signature and checksums.
    std::optional<std::string> extra;
    std::optional<std::string> extra_signature, extra_sha256, extra_md5;
};

/// The medkits in an open directory by the accepted names (sorted by name). `variant` is "" or
/// "-contract-X". A directory or device that is named like a medkit is listed too, and fails verification
/// with a clear message. Errors (`medkit`): the directory cannot be read.
[[nodiscard]] Expected<std::vector<MedkitFiles>> find_medkits(int directory, std::string_view variant);

}  // namespace mox::medkit
