#include "medkit/auth_files.hpp"

#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

/// A checksum or signature has a few hundred bytes, a list of checksums a few thousand.
constexpr Bytes largest_auth_file{64 << 10};

Expected<std::string> read_text(int directory, const std::string& name) {
    auto source = TRY(open_source_file(directory, name));
    return read_to_end(source.file.get(), printable_name(name), ErrorKind::medkit, largest_auth_file);
}

/// Reads the file `name` if there is one, and converts its text into a value with `parse`.
template <typename Value, typename Parse>
Expected<std::optional<Value>> read_auth_file(int directory, const std::optional<std::string>& name,
                                              Parse parse) {
    if (!name) return std::nullopt;
    auto text = TRY(read_text(directory, *name));
    Expected<Value> value = parse(text);
    if (!value)
        return std::unexpected(std::move(value)
                                   .error()
                                   .with_context(printable_name(*name))
                                   .with_hint({"download it again, or remove it to go without"}));
    return std::move(*value);
}

Expected<void> read_signature(int directory, const TrustedKeys& keys, AuthFiles& auth_files) {
    auto signature = TRY(read_auth_file<Signature>(directory, auth_files.names.signature, parse_signature));
    if (!signature) return {};
    auto key = TRY(find_trusted_key(keys, signature->signer), printable_name(*auth_files.names.signature));
    auth_files.signature = *signature;
    auth_files.key = key;
    return {};
}

std::unexpected<Error> fail_checksum(const AuthFiles& auth_files, std::string_view kind,
                                     const std::string& file) {
    return fail(ErrorKind::medkit,
                printable_name(auth_files.names.archive) + ": " + std::string(kind) + " does not match " +
                    printable_name(file) + ": damaged or incomplete",
                {"download both files again"});
}

std::unexpected<Error> fail_signature(const AuthFiles& auth_files) {
    const bool intact = auth_files.sha256 || auth_files.md5;
    return fail(ErrorKind::medkit,
                printable_name(auth_files.names.archive) + ": signature " +
                    printable_name(*auth_files.names.signature) + " does not match (key " +
                    to_text(auth_files.key.number) + ")" +
                    (intact ? ", although the checksum does: it is not the file that was signed" : ""),
                {"download the file and its .sig again"});
}

}  // namespace

Expected<AuthFiles> read_auth_files(int directory, const ArchiveNames& names, const TrustedKeys& keys) {
    AuthFiles auth_files;
    auth_files.names = names;
    auto sha256 = TRY(read_auth_file<Sha256Digest>(
        directory, names.sha256, [&](const auto& text) { return read_sha256_file(text, names.archive); }));
    auth_files.sha256 = sha256;
    auto md5 = TRY(read_auth_file<Md5Digest>(
        directory, names.md5, [&](const auto& text) { return read_md5_file(text, names.archive); }));
    auth_files.md5 = md5;
    TRY(read_signature(directory, keys, auth_files));
    return auth_files;
}

DigestCollector::DigestCollector(const AuthFiles& auth_files) {
    if (auth_files.md5) md5_.emplace();
    if (auth_files.signature) signature_.emplace(auth_files.key, *auth_files.signature);
}

std::vector<PackedListener> DigestCollector::listeners() {
    std::vector<PackedListener> listeners;
    if (md5_) listeners.emplace_back([this](auto bytes) { md5_->update(bytes); });
    if (signature_) listeners.emplace_back([this](auto bytes) { signature_->update(bytes); });
    return listeners;
}

Digests DigestCollector::finish(const Sha256Digest& sha256) {
    Digests digests;
    digests.sha256 = sha256;
    if (md5_) digests.md5 = md5_->finish();
    if (signature_) digests.signature_is_valid = signature_->finish();
    return digests;
}

Expected<void> compare(const AuthFiles& auth_files, const Digests& digests) {
    if (auth_files.sha256 && *auth_files.sha256 != digests.sha256)
        return fail_checksum(auth_files, "SHA-256", *auth_files.names.sha256);
    if (auth_files.md5 && auth_files.md5 != digests.md5)
        return fail_checksum(auth_files, "MD5", *auth_files.names.md5);
    if (auth_files.signature && !digests.signature_is_valid.value_or(false))
        return fail_signature(auth_files);
    return {};
}

}  // namespace mox::medkit
