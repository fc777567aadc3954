#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "medkit/keys.hpp"

namespace mox::medkit {

/// A file that fits into memory, and whose signature was checked.
struct SignedFile {
    std::string name;
    std::string content;
    std::string signer;  ///< number of the trusted key
};

/// Reads the file `name` of an open directory, which must be signed by a trusted key. Its signature is in the
/// file that find_beside finds for it: NAME.sig, or what a browser has made of that.
/// Errors (`medkit`): not there, larger than `largest`, no signature, or not a good one of a trusted key.
/// `internal`: no usable trusted keys.
[[nodiscard]] Expected<SignedFile> read_signed_file(int directory, const std::string& name,
                                                    const TrustedKeys& trusted, Bytes largest);

}  // namespace mox::medkit
