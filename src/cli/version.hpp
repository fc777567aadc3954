#pragma once

#include <string_view>

namespace mox::cli {

/// The version of all programs, from CMake's project().
inline constexpr std::string_view version = MOX_VERSION;

}  // namespace mox::cli
