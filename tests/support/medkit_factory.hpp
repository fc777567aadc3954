#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace mox::test_support {

// Small but real medkits, made by the programs that users and the vendor have (GNU tar, coreutils,
// signify-openbsd): nothing in here shares code with what is tested. Everything throws on failure; needs
// root.

/// A root file system of about 300 files with all that an archive can keep: hard links, symlinks (relative,
/// absolute, dangling), device nodes, a FIFO, xattrs, capabilities, setuid, large owner numbers, modes down
/// to 0000, old and future times with nanoseconds, odd names, deep paths, empty folders; and the boot files.
/// Two trees with another `seed` have other content everywhere. About 6 MB that do not compress.
void make_system_tree(const std::filesystem::path& root, const std::string& version, std::uint64_t seed);

enum class TarFormat {
    gnu,   ///< what `tar -czf` does: whole seconds, no xattrs
    posix  ///< pax records: nanoseconds, xattrs, capabilities
};

/// Packs what is in `tree` (members start with "./", owners as numbers) with GNU tar and gzip.
void pack_with_tar(const std::filesystem::path& tree, const std::filesystem::path& archive,
                   TarFormat format = TarFormat::posix);

/// Writes ARCHIVE.sha256 or ARCHIVE.md5 as coreutils do.
void write_sha256_beside(const std::filesystem::path& archive);
void write_md5_beside(const std::filesystem::path& archive);

/// The hexadecimal digest alone, by sha256sum or md5sum.
[[nodiscard]] std::string hex_by(const std::string& program, const std::filesystem::path& file);

/// A key pair of signify-openbsd, without passphrase.
struct SigningKey {
    std::filesystem::path public_key, secret_key;
    std::string number;  ///< as in file names: 16 hexadecimal digits
};

[[nodiscard]] SigningKey make_signing_key(const std::filesystem::path& folder, const std::string& name);

/// Puts the public key into a directory of trusted keys.
void trust(const SigningKey& key, const std::filesystem::path& keys);

/// Writes ARCHIVE.sig.
void sign_beside(const std::filesystem::path& archive, const SigningKey& key);

}  // namespace mox::test_support
