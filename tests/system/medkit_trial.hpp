#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "medkit/archive.hpp"
#include "support/archive_generator.hpp"

namespace mox::test_support {

/// What became of a generated medkit.
struct TrialResult {
    bool accepted = false;
    std::string refusal;  ///< the message
    std::string fault;    ///< what is wrong with it; empty: it was rightly refused, or unpacked and is equal
};

/// What is packed of the tree at `root`, which is the one that the model says, is accepted and unpacks at
/// `copy` (on btrfs) to the same. Returns what is wrong with it; empty: nothing.
[[nodiscard]] std::string pack_again(const ModelTree& tree, const std::filesystem::path& root,
                                     const std::filesystem::path& copy);

/// Verifies a generated medkit with the product's code, and unpacks it into the new directory `root` (on
/// btrfs) when it is accepted. Throws only when the trial itself fails.
[[nodiscard]] TrialResult try_medkit(const GeneratedMedkit& medkit, const std::filesystem::path& root);

}  // namespace mox::test_support
