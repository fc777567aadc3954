// Kernel command line and boot environment may hold anything: what mode 6 reads from them must be an address
// that can be used, keys that are keys, and a contract that fits into a file name.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "board/description.hpp"
#include "boot/contract.hpp"
#include "boot/environment.hpp"
#include "boot/kernel_command_line.hpp"
#include "medkit/keys.hpp"
#include "update/medkit_download.hpp"

namespace {

void require(bool truth) {
    if (!truth) std::abort();
}

/// "NAME=VALUE" up to the next NUL, as in the flash.
class FuzzedEnvironment final : public mox::boot::Environment {
public:
    explicit FuzzedEnvironment(std::string_view text) {
        while (!text.empty()) {
            const auto word = text.substr(0, text.find('\0'));
            text.remove_prefix(std::min(word.size() + 1, text.size()));
            const auto equals = word.find('=');
            if (equals == std::string_view::npos) continue;
            variables_[std::string(word.substr(0, equals))] = word.substr(equals + 1);
        }
    }
    mox::boot::Variables variables() const override { return variables_; }
    std::optional<std::string> get(std::string_view name) const override {
        const auto found = variables_.find(name);
        if (found == variables_.end()) return std::nullopt;
        return found->second;
    }
    mox::Expected<void> change(const mox::boot::EnvironmentChanges& /*changes*/) override { return {}; }

private:
    mox::boot::Variables variables_;
};

void check_address(const mox::network::Url& url) {
    require(url.text().starts_with("https://"));
    require(!url.host().empty());
    for (const char letter : url.text())
        require(letter > ' ' && letter <= '~' && letter != '"' && letter != '\\');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto first_line = text.substr(0, text.find('\n'));
    const FuzzedEnvironment environment(text.substr(std::min(first_line.size() + 1, text.size())));
    const mox::boot::KernelCommandLine command_line(first_line);

    const auto variant = mox::boot::medkit_variant(environment.get("contract"));
    require(variant.find('/') == std::string::npos);
    const auto source =
        mox::update::read_internet_source(mox::board::turris_mox(), command_line, environment);
    if (source) {
        check_address(source->folder);
        const auto medkit = source->directory.in_directory(mox::medkit::latest_name({.variant = variant}));
        if (medkit) check_address(*medkit);
    } else {
        for (const char letter : source.error().describe()) require(letter >= ' ' && letter <= '~');
    }
    const auto words = mox::medkit::parse_key_words(environment.get("rescue_keys").value_or(""));
    for (const auto& key : words.keys) require(mox::medkit::to_text(key.number).size() == 16);
    return 0;
}
