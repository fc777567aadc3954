#include "boot/contract.hpp"

#include <algorithm>

namespace mox::boot {

namespace {

bool is_plain(char letter) {
    const bool is_alphanumeric = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                                 (letter >= '0' && letter <= '9');
    return is_alphanumeric || letter == '-' || letter == '_' || letter == '.';
}

}  // namespace

std::string medkit_variant(const std::optional<std::string>& contract_variable) {
    constexpr std::string_view prefix = "turris_lists=contracts/";
    if (!contract_variable || !contract_variable->starts_with(prefix)) return {};
    const auto name = contract_variable->substr(prefix.size());
    if (name.empty() || !std::ranges::all_of(name, is_plain)) return {};
    return "-contract-" + name;
}

}  // namespace mox::boot
