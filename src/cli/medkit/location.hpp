#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "board/description.hpp"
#include "medkit/medkit_files.hpp"
#include "medkit/verify.hpp"

namespace mox::cli {

/// The size of the largest microSD card (SDXC): here is no card, so every medkit that fits on some card is
/// accepted.
inline constexpr Bytes largest_medkit{2ULL << 40};

/// A medkit on this machine: its open directory, and the names of its files.
struct MedkitLocation {
    UniqueFd directory;
    medkit::MedkitFiles files;
};

/// Errors (`medkit`): the directory cannot be read; the name is that of a rescue image.
[[nodiscard]] Expected<MedkitLocation> find_medkit(const std::filesystem::path& archive);

/// The rules of the rescue system of a router, without the limit of its card.
[[nodiscard]] medkit::VerifyRules verify_rules(const board::Description& board,
                                               const std::filesystem::path& keys);

}  // namespace mox::cli
