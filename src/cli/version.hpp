#pragma once

#include <string_view>

namespace mox::cli {

/// Of all programs; set by CMake's project().
inline constexpr std::string_view version = MOX_VERSION;

}  // namespace mox::cli
