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

/// Names of one archive and of what stands beside it.
struct ArchiveNames {
    std::string archive;
    std::optional<std::string> signature, sha256, md5;
};

/// What vouches for one archive, read from the files beside it. All that is there must be right.
struct AuthFiles {
    ArchiveNames names;
    std::optional<Sha256Digest> sha256;
    std::optional<Md5Digest> md5;
    std::optional<Signature> signature;
    PublicKey key;  ///< the trusted key that `signature` names

    [[nodiscard]] bool any() const { return sha256 || md5 || signature; }
};

/// Errors (`medkit`): a file that cannot be read or makes no sense, a key that is not trusted.
/// `internal`: no usable trusted keys although there is a signature.
[[nodiscard]] Expected<AuthFiles> read_vouchers(int directory, const ArchiveNames& names,
                                                const TrustedKeys& keys);

/// What an archive's packed bytes have shown.
struct Digests {
    Sha256Digest sha256{};
    std::optional<Md5Digest> md5;
    std::optional<bool> signature_is_right;
};

/// Measures what `auth_files` need, but SHA-256, which every reader of an archive computes anyway.
class DigestCollector {
public:
    explicit DigestCollector(const AuthFiles& auth_files);

    /// To be shown all packed bytes, each possibly on a thread of its own. Valid as long as this object.
    [[nodiscard]] std::vector<PackedListener> listeners();

    /// After the last byte.
    [[nodiscard]] Digests finish(const Sha256Digest& sha256);

private:
    std::optional<Md5> md5_;
    std::optional<SignatureCheck> signature_;
};

/// Errors (`medkit`): what does not match, and what to do.
[[nodiscard]] Expected<void> compare(const AuthFiles& auth_files, const Digests& measured);

}  // namespace mox::medkit
