#include "update/medkit_parts.hpp"

#include "medkit/checksum_file.hpp"
#include "medkit/signature.hpp"

namespace mox::update {

std::string beginning_of_companion(std::string_view ending) {
    // The first words of every signature file of signify and usign.
    return ending == ".sig" ? "untrusted comment:" : "";
}

Expected<std::string> file_name(const network::Url& url) {
    const auto& text = url.text();
    auto name = text.substr(text.rfind('/') + 1);
    if (!name.empty() && name != "." && name != ".." && name != url.host()) return name;
    return fail(ErrorKind::network, text + " does not name a file");
}

Expected<void> check_companion(std::string_view text, const std::string& name, std::string_view ending) {
    const auto archive = std::string_view(name).substr(0, name.size() - ending.size());
    const auto check = [&](const auto& parsed) -> Expected<void> {
        if (!parsed) return std::unexpected(parsed.error());
        return {};
    };
    TRY(ending == ".sig"      ? check(medkit::parse_signature(text))
        : ending == ".sha256" ? check(medkit::read_sha256_file(text, archive))
                              : check(medkit::read_md5_file(text, archive)),
        name);
    return {};
}

}  // namespace mox::update
