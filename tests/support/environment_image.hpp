#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mox::test_support {

/// The variables of a boot environment as it is stored, with a NUL byte between them: a checksum of four
/// bytes stands before them, and what stands behind two NUL bytes is left from an earlier write and does not
/// count (U-Boot: env/env_internal.h).
[[nodiscard]] inline std::string variables_in(std::string_view stored) {
    const auto variables =
        stored.substr(stored.size() < sizeof(std::uint32_t) ? stored.size() : sizeof(std::uint32_t));
    return std::string(variables.substr(0, variables.find(std::string(2, '\0'))));
}

}  // namespace mox::test_support
