// Text of keys and signatures, and the streaming check with whatever they hold.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "medkit/keys.hpp"
#include "medkit/secret_key.hpp"
#include "medkit/signature.hpp"

namespace {

using namespace mox::medkit;

void require(bool condition) {
    if (!condition) std::abort();
}

/// What was read must come back from what is written.
void check_round_trips(std::string_view text) {
    if (const auto key = parse_public_key(text)) require(*parse_public_key(to_text(*key, "fuzz")) == *key);
    if (const auto signature = parse_signature(text))
        require(*parse_signature(to_text(*signature, "fuzz")) == *signature);
    if (const auto secret = SecretKey::parse(text))
        require(SecretKey::parse(secret->text("fuzz"))->public_key() == secret->public_key());
}

/// The first bytes as a key and a signature, the rest as the message: nobody has signed it.
void check_forgeries(std::span<const std::uint8_t> data) {
    PublicKey key;
    Signature signature;
    if (data.size() < key.key.size() + signature.bytes.size()) return;
    std::ranges::copy(data.first(key.key.size()), key.key.begin());
    data = data.subspan(key.key.size());
    std::ranges::copy(data.first(signature.bytes.size()), signature.bytes.begin());
    SignatureCheck check(key, signature);
    check.update(std::as_bytes(data.subspan(signature.bytes.size())));
    require(!check.finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_round_trips({reinterpret_cast<const char*>(data), size});
    check_forgeries({data, size});
    return 0;
}
