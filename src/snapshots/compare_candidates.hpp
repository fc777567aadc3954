#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mox::snapshots {

/// Paths that may differ, relative to the roots.
struct Candidates {
    std::vector<std::string> alone;  ///< compare just this entry
    std::vector<std::string> whole;  ///< compare it with everything below it
};

/// True when `path` is `ancestor`, or lies below it. The root ("") has everything below it.
[[nodiscard]] bool is_within(std::string_view path, std::string_view ancestor);

/// "etc", "config" -> "etc/config"; with an empty directory, or the name ".", the other one.
[[nodiscard]] std::string joined(std::string_view directory, std::string_view name);

/// The same candidates, sorted, each path once, without what a `whole` one covers already.
[[nodiscard]] Candidates without_repetition(Candidates candidates);

/// What of the candidates lies within `below`: `below` itself, whole, when something above it is to be
/// compared as a whole.
[[nodiscard]] Candidates restricted_to(std::string_view below, Candidates candidates);

}  // namespace mox::snapshots
