#pragma once

#include <string_view>

#include "base/error.hpp"

namespace mox::console {

/// Prints an error of `program` to standard error: "PROGRAM: HEADLINE", and on a line of its own
/// "PROGRAM: hint: HINT" if there is one.
void print_error(std::string_view program, const Error& error);

}  // namespace mox::console
