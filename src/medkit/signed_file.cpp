#include "medkit/signed_file.hpp"

#include <span>
#include <utility>

#include "base/file.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/signature.hpp"
#include "medkit/source_file.hpp"

namespace mox::medkit {

namespace {

/// A signature has about 150 bytes.
constexpr Bytes largest_signature{16 << 10};

Expected<std::string> read_whole(int directory, const std::string& name, Bytes largest) {
    auto source = TRY(open_source_file(directory, name));
    return read_to_end(source.file.get(), shown_name(name), ErrorKind::medkit, largest);
}

bool is_signed(const std::string& content, const PublicKey& key, const Signature& signature) {
    SignatureCheck check(key, signature);
    check.update(std::as_bytes(std::span(content)));
    return check.finish();
}

}  // namespace

Expected<SignedFile> read_signed_file(int directory, const std::string& name, const TrustedKeys& trusted,
                                      Bytes largest) {
    const auto files = TRY(find_beside(directory, name));
    const auto signature_name = files.signature.value_or(name + ".sig");
    auto text = TRY(read_whole(directory, signature_name, largest_signature),
                    shown_name(name) + " is of no use without a good signature beside it");
    auto signature = TRY(parse_signature(text), shown_name(signature_name));
    auto key = TRY(find_trusted_key(trusted, signature.signer), shown_name(signature_name));

    auto content = TRY(read_whole(directory, name, largest));
    if (!is_signed(content, key, signature))
        return fail(ErrorKind::medkit, shown_name(name) + ": signature " + shown_name(signature_name) +
                                           " does not match (key " + to_text(key.number) +
                                           "). Download the file and its .sig again.");
    return SignedFile{name, std::move(content), to_text(key.number)};
}

}  // namespace mox::medkit
