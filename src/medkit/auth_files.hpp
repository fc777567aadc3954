#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "medkit/archive.hpp"
#include "medkit/digest.hpp"
#include "medkit/keys.hpp"
#include "medkit/signature.hpp"

namespace mox::medkit {

/// Names of one archive and of the signature and checksum files beside it.
struct ArchiveNames {
    std::string archive;
    std::optional<std::string> signature, sha256, md5;
};

/// Checksums and signature of one archive, read from the files beside it. Each one that exists must match.
struct AuthFiles {
    ArchiveNames names;
    std::optional<Sha256Digest> sha256;
    std::optional<Md5Digest> md5;
    std::optional<Signature> signature;
    PublicKey key;  ///< the trusted key that `signature` names

    [[nodiscard]] bool any() const { return sha256 || md5 || signature; }
};

/// Reads the files. Errors: `medkit`: a file cannot be read or has a wrong format, or its key is not trusted;
/// `internal`: there is a signature but no usable trusted key.
[[nodiscard]] Expected<AuthFiles> read_auth_files(int directory, const ArchiveNames& names,
                                                  const TrustedKeys& keys);

/// Computed from the packed bytes of an archive.
struct Digests {
    Sha256Digest sha256{};
    std::optional<Md5Digest> md5;
    std::optional<bool> signature_is_valid;
};

/// Computes what `auth_files` need, except SHA-256, which every reader of an archive computes anyway.
class DigestCollector {
public:
    explicit DigestCollector(const AuthFiles& auth_files);

    /// Pass all packed bytes to each of them; each may run on a thread of its own. Valid as long as this
    /// object.
    [[nodiscard]] std::vector<PackedListener> listeners();

    /// Call once, after the last byte.
    [[nodiscard]] Digests finish(const Sha256Digest& sha256);

private:
    std::optional<Md5> md5_;
    std::optional<SignatureCheck> signature_;
};

/// Compares the files with the computed digests. Errors (`medkit`): which one does not match, and what to do.
[[nodiscard]] Expected<void> compare(const AuthFiles& auth_files, const Digests& digests);

}  // namespace mox::medkit
