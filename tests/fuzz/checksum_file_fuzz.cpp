// A checksum file from a stick: anything may stand in it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "medkit/checksum_file.hpp"

namespace {

using namespace mox::medkit;

/// A checksum that was found must stand in the text, in either case.
template <typename Digest>
void check_it_is_there(const mox::Expected<Digest>& digest, std::string_view text) {
    if (!digest) {
        if (digest.error().describe().empty()) std::abort();
        return;
    }
    const auto hex = to_hex(*digest);
    const auto found = std::ranges::search(text, hex, [](char left, char right) {
        return (left >= 'A' && left <= 'F' ? left - 'A' + 'a' : left) == right;
    });
    if (found.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_it_is_there(read_sha256_file(text, "mox-medkit-latest.tar.gz"), text);
    check_it_is_there(read_md5_file(text, "mox-medkit-latest.tar.gz"), text);
    return 0;
}
