#include "medkit/vouchers.hpp"

#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "medkit/checksum_file.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/sentences.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

/// A checksum or signature has a few hundred bytes; a list of checksums some thousand.
constexpr Bytes largest_voucher{64 << 10};

Expected<std::string> read_text(int directory, const std::string& name) {
    auto source = TRY(open_source_file(directory, name));
    return read_to_end(source.file.get(), shown_name(name), ErrorKind::medkit, largest_voucher);
}

/// Reads the file `name` if there is one, and turns its text into a value with `parse`.
template <typename Value, typename Parse>
Expected<std::optional<Value>> read_voucher(int directory, const std::optional<std::string>& name,
                                            Parse parse) {
    if (!name) return std::nullopt;
    auto text = TRY(read_text(directory, *name));
    Expected<Value> value = parse(text);
    if (!value)
        return fail(value.error().kind(), with_sentence(shown_name(*name) + ": " + value.error().describe(),
                                                        "Download it again, or remove it to go without."));
    return std::move(*value);
}

Expected<void> read_signature(int directory, const TrustedKeys& keys, Vouchers& vouchers) {
    auto signature = TRY(read_voucher<Signature>(directory, vouchers.names.signature, parse_signature));
    if (!signature) return {};
    auto key = TRY(find_trusted_key(keys, signature->signer), shown_name(*vouchers.names.signature));
    vouchers.signature = *signature;
    vouchers.key = key;
    return {};
}

std::unexpected<Error> fail_checksum(const Vouchers& vouchers, std::string_view kind,
                                     const std::string& file) {
    return fail(ErrorKind::medkit, shown_name(vouchers.names.archive) + ": " + std::string(kind) +
                                       " does not match " + shown_name(file) +
                                       ": damaged or incomplete. Download both files again.");
}

std::unexpected<Error> fail_signature(const Vouchers& vouchers) {
    const bool intact = vouchers.sha256 || vouchers.md5;
    return fail(ErrorKind::medkit,
                shown_name(vouchers.names.archive) + ": signature " + shown_name(*vouchers.names.signature) +
                    " does not match (key " + to_text(vouchers.key.number) + ")" +
                    (intact ? ", although the checksum does: it is not the file that was signed" : "") +
                    ". Download the file and its .sig again.");
}

}  // namespace

Expected<Vouchers> read_vouchers(int directory, const ArchiveNames& names, const TrustedKeys& keys) {
    Vouchers vouchers;
    vouchers.names = names;
    auto sha256 = TRY(read_voucher<Sha256Digest>(
        directory, names.sha256, [&](const auto& text) { return read_sha256_file(text, names.archive); }));
    vouchers.sha256 = sha256;
    auto md5 = TRY(read_voucher<Md5Digest>(
        directory, names.md5, [&](const auto& text) { return read_md5_file(text, names.archive); }));
    vouchers.md5 = md5;
    TRY(read_signature(directory, keys, vouchers));
    return vouchers;
}

Measuring::Measuring(const Vouchers& vouchers) {
    if (vouchers.md5) md5_.emplace();
    if (vouchers.signature) signature_.emplace(vouchers.key, *vouchers.signature);
}

std::vector<PackedListener> Measuring::listeners() {
    std::vector<PackedListener> listeners;
    if (md5_) listeners.emplace_back([this](auto bytes) { md5_->update(bytes); });
    if (signature_) listeners.emplace_back([this](auto bytes) { signature_->update(bytes); });
    return listeners;
}

Measured Measuring::finish(const Sha256Digest& sha256) {
    Measured measured;
    measured.sha256 = sha256;
    if (md5_) measured.md5 = md5_->finish();
    if (signature_) measured.signature_is_right = signature_->finish();
    return measured;
}

Expected<void> compare(const Vouchers& vouchers, const Measured& measured) {
    if (vouchers.sha256 && *vouchers.sha256 != measured.sha256)
        return fail_checksum(vouchers, "SHA-256", *vouchers.names.sha256);
    if (vouchers.md5 && vouchers.md5 != measured.md5)
        return fail_checksum(vouchers, "MD5", *vouchers.names.md5);
    if (vouchers.signature && !measured.signature_is_right.value_or(false)) return fail_signature(vouchers);
    return {};
}

}  // namespace mox::medkit
